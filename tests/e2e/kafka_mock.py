#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""librdkafka's mock cluster as a server: prints its HOST:PORT, then obeys lines of standard input until it ends.

  down N, up N    broker N refuses connections, and takes them again
  error N CODE    the next N produce requests get this error of the protocol

  kafka_mock.py TOPIC...    topics of 4 partitions; others are not there until they are asked for
"""
import ctypes
import sys

PRODUCE = 0
lib = ctypes.CDLL("librdkafka.so.1")
for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
    getattr(lib, name).restype = ctypes.c_void_p
lib.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p

reason = ctypes.create_string_buffer(256)
handle = ctypes.c_void_p(lib.rd_kafka_new(0, ctypes.c_void_p(lib.rd_kafka_conf_new()), reason, ctypes.c_size_t(256)))
cluster = ctypes.c_void_p(lib.rd_kafka_mock_cluster_new(handle, 2))
for topic in sys.argv[1:]:
    assert lib.rd_kafka_mock_topic_create(cluster, topic.encode(), 4, 2) == 0
print(lib.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "error":
        for _ in range(int(words[1])):
            lib.rd_kafka_mock_push_request_errors(cluster, ctypes.c_int16(PRODUCE), ctypes.c_size_t(1), ctypes.c_int(int(words[2])))
    elif words[0] == "down":
        lib.rd_kafka_mock_broker_set_down(cluster, ctypes.c_int32(int(words[1])))
    else:
        lib.rd_kafka_mock_broker_set_up(cluster, ctypes.c_int32(int(words[1])))
lib.rd_kafka_mock_cluster_destroy(cluster)
lib.rd_kafka_destroy(handle)
