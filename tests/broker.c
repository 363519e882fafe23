/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/broker.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/pause.h"

enum { START_TRIES = 500, TRY_MS = 10 };

/* Silent, and dies with the test. */
static pid_t spawn(const char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid;
}

static int run(const char *const argv[])
{
	pid_t pid = spawn(argv);
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -EIO;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* It lives in sbin, which is not on everybody's path. */
static const char *mosquitto(void)
{
	static const char *const places[] = { "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto",
					      "/usr/bin/mosquitto" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

bool broker_is_installed(void)
{
	return mosquitto() && access("/usr/bin/openssl", X_OK) == 0;
}

static struct sockaddr_in loopback(unsigned port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

unsigned broker_free_port(void)
{
	struct sockaddr_in a = loopback(0);
	socklen_t bytes = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&a, bytes) < 0 || getsockname(fd, (struct sockaddr *)&a, &bytes) < 0)
		a.sin_port = 0;
	close(fd);
	return ntohs(a.sin_port);
}

const char *broker_path(const struct broker *b, const char *name, char out[static BROKER_PATH_BYTES])
{
	snprintf(out, BROKER_PATH_BYTES, "%.80s/%s", b->dir, name);
	return out;
}

const char *broker_url(const struct broker *b, char out[static BROKER_PATH_BYTES])
{
	snprintf(out, BROKER_PATH_BYTES, "mqtt://127.0.0.1:%u", b->port);
	return out;
}

static int make_ca(const struct broker *b, const char *key_name, const char *cert_name, const char *subject)
{
	char key[BROKER_PATH_BYTES], cert[BROKER_PATH_BYTES];

	return run((const char *const[]){ "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
					  "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", subject,
					  "-keyout", broker_path(b, key_name, key), "-out",
					  broker_path(b, cert_name, cert), NULL });
}

/* Signed by the authority; NAME.key and NAME.pem. */
static int make_certificate(const struct broker *b, const char *key_name, const char *cert_name, const char *subject)
{
	char ca[BROKER_PATH_BYTES], ca_key[BROKER_PATH_BYTES], key[BROKER_PATH_BYTES], cert[BROKER_PATH_BYTES];

	return run((const char *const[]){ "openssl",
					  "req",
					  "-x509",
					  "-CA",
					  broker_path(b, "ca.pem", ca),
					  "-CAkey",
					  broker_path(b, "ca.key", ca_key),
					  "-newkey",
					  "ec",
					  "-pkeyopt",
					  "ec_paramgen_curve:P-256",
					  "-nodes",
					  "-days",
					  "2",
					  "-subj",
					  subject,
					  "-addext",
					  "subjectAltName=DNS:localhost",
					  "-keyout",
					  broker_path(b, key_name, key),
					  "-out",
					  broker_path(b, cert_name, cert),
					  NULL });
}

static int make_certificates(const struct broker *b)
{
	if (make_ca(b, "ca.key", "ca.pem", "/CN=test authority") < 0 ||
	    make_ca(b, "other.key", "other.pem", "/CN=a stranger") < 0 ||
	    make_certificate(b, "client.key", "client.pem", "/CN=a client") < 0)
		return -EIO;
	return make_certificate(b, "broker.key", "broker.pem", "/CN=broker");
}

static int make_password(const struct broker *b, const struct broker_options *o)
{
	char path[BROKER_PATH_BYTES];

	return run((const char *const[]){ "mosquitto_passwd", "-b", "-c", broker_path(b, "passwords", path), o->user,
					  o->password, NULL });
}

static int write_config(const struct broker *b, const struct broker_options *o)
{
	char path[BROKER_PATH_BYTES];
	FILE *f = fopen(broker_path(b, "mosquitto.conf", path), "w");

	if (!f)
		return -errno;
	fprintf(f, "log_dest none\nset_tcp_nodelay true\nmax_queued_messages 0\nallow_anonymous %s\n",
		o->user ? "false" : "true");
	if (geteuid() == 0)
		fprintf(f, "user root\n");
	if (o->user)
		fprintf(f, "password_file %s/passwords\n", b->dir);
	if (o->is_persistent)
		fprintf(f,
			"persistence true\npersistence_location %s/\nautosave_on_changes true\nautosave_interval 1\n",
			b->dir);
	fprintf(f, "listener %u 127.0.0.1\n", b->port);
	if (o->has_tls)
		fprintf(f, "listener %u 127.0.0.1\ncafile %s/ca.pem\ncertfile %s/broker.pem\nkeyfile %s/broker.key\n",
			b->tls_port, b->dir, b->dir, b->dir);
	if (o->needs_certificate)
		fprintf(f, "require_certificate true\n");
	return fclose(f) == 0 ? 0 : -errno;
}

int broker_init(struct broker *b, const struct broker_options *o)
{
	const char *tmp = getenv("TMPDIR");
	struct broker made = { 0 };
	int r = 0;

	snprintf(made.dir, sizeof(made.dir), "%.60s/runnel-broker-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(made.dir))
		return -errno;
	made.port = broker_free_port();
	if (o->has_tls) {
		made.tls_port = broker_free_port();
		r = make_certificates(&made);
	}
	if (r == 0 && o->user)
		r = make_password(&made, o);
	if (r == 0)
		r = write_config(&made, o);
	*b = made;
	if (r < 0)
		broker_free(b);
	return r;
}

static bool answers(unsigned port)
{
	struct sockaddr_in a = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;

	close(fd);
	return ok;
}

int broker_start(struct broker *b)
{
	char path[BROKER_PATH_BYTES];

	b->pid = spawn((const char *const[]){ mosquitto(), "-c", broker_path(b, "mosquitto.conf", path), NULL });
	if (b->pid < 0)
		return -EIO;
	for (int i = 0; i < START_TRIES; i++) {
		if (answers(b->tls_port ? b->tls_port : b->port))
			return 0;
		if (waitpid(b->pid, NULL, WNOHANG) == b->pid) {
			b->pid = 0;
			return -EIO;
		}
		pause_ms(TRY_MS);
	}
	broker_kill(b);
	return -ETIMEDOUT;
}

static void end(struct broker *b, int signal_number)
{
	if (b->pid > 0) {
		kill(b->pid, signal_number);
		waitpid(b->pid, NULL, 0);
	}
	b->pid = 0;
}

void broker_stop(struct broker *b)
{
	end(b, SIGTERM);
}

void broker_kill(struct broker *b)
{
	end(b, SIGKILL);
}

void broker_free(struct broker *b)
{
	DIR *dir = opendir(b->dir);
	struct dirent *entry;

	broker_kill(b);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(b->dir);
}
