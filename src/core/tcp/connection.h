/* SPDX-License-Identifier: MIT */
/* One TCP socket as a detector saw it: the vocabulary that the codecs speak to the verdict and the
 * connection tracker. Plain values, whichever detector read them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The kernel's numbers (include/net/tcp_states.h), also used in /proc/net/tcp and sock_diag. */
enum tcp_state {
	TCP_STATE_ESTABLISHED = 1,
	TCP_STATE_SYN_SENT,
	TCP_STATE_SYN_RECV,
	TCP_STATE_FIN_WAIT1,
	TCP_STATE_FIN_WAIT2,
	TCP_STATE_TIME_WAIT,
	TCP_STATE_CLOSE,
	TCP_STATE_CLOSE_WAIT,
	TCP_STATE_LAST_ACK,
	TCP_STATE_LISTEN,
	TCP_STATE_CLOSING,
	TCP_STATE_NEW_SYN_RECV,
};

#define TCP_STATE_BIT(state) (1u << (state))

/* Which end asked for the connection. An acknowledged SYN counts in bytes_acked of the end that sent
 * it (tcp_rcv_synsent_state_process), and the one that answers has no such byte, so that what was
 * sent tells (Linux 4.19, which has bytes_sent). */
enum connection_origin { ORIGIN_UNKNOWN, ORIGIN_ACCEPTED, ORIGIN_CONNECTED };

struct connection {
	uint64_t cookie; /* unique for the life of the namespace; 0 when the detector has none */
	uint8_t family; /* AF_INET, AF_INET6, or AF_UNIX, which has no ports and no peer: its queues are the bytes
			 * that the application and its client have not read, its times count from the
			 * last movement that polls saw, or from the first poll, and data_segs_in is the
			 * number of such movements */
	uint8_t state; /* enum tcp_state */
	uint16_t local_port, peer_port;
	uint8_t peer[16]; /* network order; 4 bytes used for AF_INET. A v4 client of a `::` socket
			   * is AF_INET6 with ::ffff:a.b.c.d */
	uint8_t local[16]; /* the socket's own address in the same form; zeroes from procnet */
	uint32_t interface; /* to which the socket is bound; 0: to none */
	uint32_t inode; /* 0: not accepted yet, or no process holds it any more */
	uint32_t uid; /* of the socket's owner */
	uint64_t cgroup; /* the inode of its cgroup2 directory (Linux 5.9); 0: not known */
	bool from_here; /* the peer's address is a loopback one, or the socket's own */
	bool is_mptcp; /* it belongs to an MPTCP connection; every user sees this since Linux 6.15 */
	uint8_t origin; /* enum connection_origin, of an open connection */

	/* Of a LISTEN socket: connections waiting to be accepted, and the limit.
	 * Of any other: bytes the application has not read, and bytes the peer has not
	 * acknowledged, sent or not. A FIN counts as one byte in each: an end of file that the
	 * application has not noticed yet is a rqueue of 1 in CLOSE_WAIT. */
	uint32_t rqueue, wqueue;

	/* All below is from tcp_info, as much as this kernel has (4.14 has all of it); has_info is
	 * false where the detector does not know (procnet) and the rest is then 0. */
	bool has_info;
	uint8_t retransmits; /* of the oldest segment, without an answer */
	uint8_t probes; /* of a closed window, without an answer */
	uint32_t last_data_sent_ms; /* ago, in steps of a jiffy (1 to 10 ms) */
	uint32_t last_data_recv_ms;
	uint32_t last_ack_recv_ms;
	uint64_t bytes_acked, bytes_received; /* a FIN counts as one, either way */
	uint32_t segs_out, segs_in, data_segs_out, data_segs_in;
	uint32_t retransmitted; /* of data_segs_out, those that were sent again */

	/* Segments that the socket dropped: TCP keep-alive's, one each. From SKMEMINFO; 0 where that was
	 * not asked for, and of an ended socket. */
	uint32_t drops;
};

/* Whether the peer is on this machine, by its address and the socket's own (4 bytes for AF_INET, 16 for
 * AF_INET6): the kernel takes an address of the machine's own for both ends of a connection to it. */
bool connection_is_from_here(const struct connection *connection, const uint8_t *local);
