/* SPDX-License-Identifier: MIT */
#include "drill/load/exchange.h"

#include "drill/core/pace.h"
#include "drill/load/exchange_http1.h"
#include "drill/load/exchange_http2.h"
#include "drill/load/exchange_websocket.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

void exchange_init(
	struct exchange *exchange, const struct request *request, struct body_capture *capture)
{
	exchange->request = request;
	exchange->capture = capture;
	exchange->first_byte_us = exchange->acknowledged_at_us = EXCHANGE_NEVER;
	exchange->read_bytes = 0;
	body_check_start(&exchange->check, request->pattern, request->same, request->same_len);
	switch (request->protocol) {
	case REQUEST_HTTP1:
		exchange_http1_init(exchange);
		break;
	case REQUEST_HTTP2:
		exchange_http2_init(exchange);
		break;
	case REQUEST_WEBSOCKET:
		exchange_websocket_init(exchange);
		break;
	}
}

struct exchange_step exchange_start(struct exchange *exchange, struct transport *transport,
	struct http2_conn *http2, int64_t now_us)
{
	exchange->sent_from_us = now_us;
	exchange->wire_bytes_before = transport->sent_bytes;
	if (http2 != NULL && exchange_http2_begin(exchange, http2) < 0)
		return exchange_over(END_REFUSED, 0);
	return exchange->protocol->step(exchange, transport, false, now_us);
}

struct exchange_step exchange_step(
	struct exchange *exchange, struct transport *transport, bool is_readable, int64_t now_us)
{
	return exchange->protocol->step(exchange, transport, is_readable, now_us);
}

struct exchange_response exchange_describe(const struct exchange *exchange)
{
	return exchange->protocol->describe(exchange);
}

int64_t exchange_tick_us(const struct exchange *exchange)
{
	const struct request *request = exchange->request;

	if (request->protocol == REQUEST_WEBSOCKET)
		return EXCHANGE_WEBSOCKET_TICK_US;
	return request->upload_bytes_per_s > 0 || request->read_bytes_per_s > 0 ? PACE_TICK_US : 0;
}

bool exchange_poll_in_server(struct exchange *exchange, const struct transport *transport,
	int64_t now_us, int64_t settle_us)
{
	int unacknowledged;

	if (exchange->first_byte_us != EXCHANGE_NEVER)
		return true;
	if (exchange->request->is_long_answer)
		return false;
	if (exchange->acknowledged_at_us == EXCHANGE_NEVER) {
		if (!exchange->protocol->has_sent_enough(exchange) ||
			ioctl(transport->fd, SIOCOUTQ, &unacknowledged) < 0 || unacknowledged > 0)
			return false;
		exchange->acknowledged_at_us = now_us;
	}
	return now_us - exchange->acknowledged_at_us >= settle_us;
}
