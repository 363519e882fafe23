/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paho's receiving thread starts with a look at its sockets, finds none, and sleeps for 100 ms. By then the sending thread
 * has begun to connect, but CONNECT is sent by the one that sleeps: a tenth of a second in which nothing happens, at every
 * start of a program. Its sleep can be cut short by a signal (as the Go runtime does it, with SIGURG), and
 * the trace of the attempt, which mqtt_explain.c needs anyway, tells which thread sleeps and when to wake it: on
 * loopback that is 12 ms from exec to CONNACK, without it 112 in three of four starts. A paho whose trace reads differently
 * just sleeps on.
 *
 * The threads are paho's and so are their names; hence the one static variable. The thread is only signalled between
 * the lines that begin and end its sleep, so it is alive.
 */
#include "base/mqtt_hurry.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/check.h"

static struct {
	pthread_mutex_t mutex;
	pthread_t thread;
	bool is_asleep;
} receiver = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void do_nothing(int signal_number UNUSED)
{
}

void mqtt_hurry_prepare(void)
{
	struct sigaction action = { .sa_handler = do_nothing, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(MQTT_HURRY_SIGNAL, &action, NULL);
}

void mqtt_hurry_start(void)
{
	pthread_mutex_lock(&receiver.mutex);
	receiver.is_asleep = false;
	pthread_mutex_unlock(&receiver.mutex);
}

/* The sending thread has dealt with a command, or found none: more than one call, as the first may come before the sleep. */
static bool is_time_to_wake(const char *line)
{
	return strstr(line, "< MQTTAsync_processCommand:") || strstr(line, "Thread_wait_cond:");
}

void mqtt_hurry_line(const char *line)
{
	pthread_mutex_lock(&receiver.mutex);
	if (strstr(line, "> MQTTAsync_sleep:")) {
		receiver.thread = pthread_self();
		receiver.is_asleep = true;
	} else if (strstr(line, "< MQTTAsync_sleep:")) {
		receiver.is_asleep = false;
	} else if (receiver.is_asleep && is_time_to_wake(line)) {
		pthread_kill(receiver.thread, MQTT_HURRY_SIGNAL);
	}
	pthread_mutex_unlock(&receiver.mutex);
}
