#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A source tree in the place of paho's, for PAHO_SRC=: paho_stand_in.sh SYSROOT OUT. The headers are paho's own, of Debian, and so are names,
# files and what a function takes; but no broker is ever reached. So all of a program can be linked and run but its MQTT, where the sources
# of paho cannot be had.
set -euo pipefail
include=$(realpath "${1:?sysroot of i586}")/include out=${2:?where to}/src
mkdir -p "$out"
cp "$include"/MQTT*.h "$out/"
printf '#define BUILD_TIMESTAMP "@BUILD_TIMESTAMP@"\n#define CLIENT_VERSION "@CLIENT_VERSION@"\n' >"$out/VersionInfo.h.in"
cat >"$out/MQTTAsync.c" <<'SOURCE'
#include "MQTTAsync.h"
#include "VersionInfo.h"
#include <stdlib.h>
#include <string.h>

static char client;

int MQTTAsync_createWithOptions(MQTTAsync *handle, const char *uri, const char *id, int persistence, void *context, MQTTAsync_createOptions *options)
{
	*handle = &client;
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_create(MQTTAsync *handle, const char *uri, const char *id, int persistence, void *context)
{
	return MQTTAsync_createWithOptions(handle, uri, id, persistence, context, NULL);
}

int MQTTAsync_connect(MQTTAsync handle, const MQTTAsync_connectOptions *options)
{
	return MQTTASYNC_FAILURE;
}

int MQTTAsync_disconnect(MQTTAsync handle, const MQTTAsync_disconnectOptions *options)
{
	return MQTTASYNC_DISCONNECTED;
}

int MQTTAsync_send(MQTTAsync handle, const char *topic, int n, const void *payload, int qos, int retained, MQTTAsync_responseOptions *response)
{
	return MQTTASYNC_DISCONNECTED;
}

int MQTTAsync_subscribe(MQTTAsync handle, const char *topic, int qos, MQTTAsync_responseOptions *response)
{
	return MQTTASYNC_DISCONNECTED;
}

int MQTTAsync_setCallbacks(MQTTAsync handle, void *context, MQTTAsync_connectionLost *lost, MQTTAsync_messageArrived *arrived, MQTTAsync_deliveryComplete *complete)
{
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_setConnected(MQTTAsync handle, void *context, MQTTAsync_connected *connected)
{
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_setDisconnected(MQTTAsync handle, void *context, MQTTAsync_disconnected *disconnected)
{
	return MQTTASYNC_SUCCESS;
}

void MQTTAsync_destroy(MQTTAsync *handle)
{
	*handle = NULL;
}

const char *MQTTAsync_strerror(int code)
{
	return "no MQTT in this program";
}

void MQTTAsync_freeMessage(MQTTAsync_message **message)
{
}

void MQTTAsync_free(void *memory)
{
	free(memory);
}

void MQTTAsync_setTraceLevel(enum MQTTASYNC_TRACE_LEVELS level)
{
}

void MQTTAsync_setTraceCallback(MQTTAsync_traceCallback *callback)
{
}

MQTTAsync_nameValue *MQTTAsync_getVersionInfo(void)
{
	static MQTTAsync_nameValue none[] = { { "Version", CLIENT_VERSION }, { NULL, NULL } };

	return none;
}
SOURCE
cat >"$out/MQTTProperties.c" <<'SOURCE'
#include "MQTTProperties.h"

int MQTTProperties_add(MQTTProperties *properties, const MQTTProperty *property)
{
	return 0;
}

void MQTTProperties_free(MQTTProperties *properties)
{
}

int MQTTProperties_getNumericValue(MQTTProperties *properties, enum MQTTPropertyCodes id)
{
	return -9999999;
}
SOURCE
