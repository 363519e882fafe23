/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.h - what makes a board appear in Home Assistant by itself: for each KPI a retained message that says where its value is, in which unit, and
 * when the board is there. (MQTT discovery: PREFIX/sensor/NODE/OBJECT/config.)
 */
#ifndef RUNNEL_AGENT_DISCOVERY_H
#define RUNNEL_AGENT_DISCOVERY_H

#include "agent/conf.h"
#include "base/dynbuf.h"
#include "pipelines/contract.h"

enum { DISCOVERY_TOPIC_BYTES = 512 };

/** Whether the config wants it. */
bool discovery_is_wanted(const struct conf *c);

/** @kpi: its name. @return @out */
const char *discovery_topic(const struct conf *c, const char *kpi, char out[static DISCOVERY_TOPIC_BYTES]);

/** @out is emptied first. */
void discovery_sensor(struct dynbuf *out, const struct conf *c, const struct kpi_def *kpi);

#endif
