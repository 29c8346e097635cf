/* SPDX-License-Identifier: MIT */
#include "bench/transport.h"

#include "bench/must.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef BENCH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

static void wait_for(int fd, short events)
{
	struct pollfd ready = {.fd = fd, .events = events};

	(void)poll(&ready, 1, 10000);
}

static void send_plain(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN) {
			wait_for(fd, POLLOUT);
		} else if (sent < 0) {
			return; /* the reader will see its end */
		} else {
			data += sent;
			len -= (size_t)sent;
		}
	}
}

static ssize_t receive_plain(int fd, void *buf, size_t cap)
{
	ssize_t len = recv(fd, buf, cap, 0);

	return len < 0 ? -errno : len;
}

#ifdef BENCH_TLS

bool transport_has_tls(void)
{
	return true;
}

/* Waits for what the library wants; false when it has failed. */
static bool tls_wait(struct transport *transport, int result)
{
	switch (SSL_get_error(transport->tls, result)) {
	case SSL_ERROR_WANT_READ:
		wait_for(transport->fd, POLLIN);
		return true;
	case SSL_ERROR_WANT_WRITE:
		wait_for(transport->fd, POLLOUT);
		return true;
	default:
		return false;
	}
}

void transport_start_tls(struct transport *transport, const char *protocol)
{
	static SSL_CTX *context;
	unsigned char offer[16];
	int result;

	if (context == NULL)
		context = SSL_CTX_new(TLS_client_method());
	transport->tls = SSL_new(context);
	SSL_set_fd(transport->tls, transport->fd);
	SSL_set_alpn_protos(transport->tls, offer,
		(unsigned)snprintf(
			(char *)offer, sizeof offer, "%c%s", protocol[1] == '2' ? 2 : 8, protocol));
	while ((result = SSL_connect(transport->tls)) != 1) {
		if (!tls_wait(transport, result)) {
			ERR_print_errors_fp(stderr);
			fail_errno("TLS handshake");
		}
	}
}

void transport_send(struct transport *transport, const void *data, size_t len)
{
	int result;

	if (transport->tls == NULL) {
		send_plain(transport->fd, data, len);
		return;
	}
	do
		result = SSL_write(transport->tls, data, (int)len);
	while (result <= 0 && tls_wait(transport, result));
}

ssize_t transport_receive(struct transport *transport, void *buf, size_t cap)
{
	int result;

	if (transport->tls == NULL)
		return receive_plain(transport->fd, buf, cap);
	result = SSL_read(transport->tls, buf, (int)cap);
	if (result > 0)
		return result;
	switch (SSL_get_error(transport->tls, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		return -EIO;
	}
}

void transport_close(struct transport *transport)
{
	SSL_free(transport->tls);
	transport->tls = NULL;
	close(transport->fd);
	transport->fd = -1;
}

#else

bool transport_has_tls(void)
{
	return false;
}

void transport_start_tls(struct transport *transport, const char *protocol)
{
	(void)transport;
	(void)protocol;
	cannot_run("built without OpenSSL");
}

void transport_send(struct transport *transport, const void *data, size_t len)
{
	send_plain(transport->fd, data, len);
}

ssize_t transport_receive(struct transport *transport, void *buf, size_t cap)
{
	return receive_plain(transport->fd, buf, cap);
}

void transport_close(struct transport *transport)
{
	close(transport->fd);
	transport->fd = -1;
}

#endif
