/* SPDX-License-Identifier: MIT */
#include "lastcall/http_pool.h"

#include "sys/fd.h"

#include <sys/socket.h>

static void list_append(struct http_conn_list *list, struct http_conn *c)
{
	c->list = list;
	c->older = list->newest;
	c->newer = NULL;
	*(c->older != NULL ? &c->older->newer : &list->oldest) = c;
	list->newest = c;
	list->count++;
}

static void list_remove(struct http_conn *c)
{
	*(c->older != NULL ? &c->older->newer : &c->list->oldest) = c->newer;
	*(c->newer != NULL ? &c->newer->older : &c->list->newest) = c->older;
	c->list->count--;
}

bool http_pool_is_empty(const struct http_pool *pool)
{
	return pool->free_list == NULL && pool->used == pool->capacity;
}

bool http_pool_is_used(const struct http_pool *pool)
{
	return pool->unanswered.count + pool->answered.count > 0;
}

struct http_conn *http_pool_take(struct http_pool *pool)
{
	struct http_conn *c = pool->free_list;

	if (c != NULL) {
		pool->free_list = c->newer;
	} else {
		c = &pool->connections[pool->used];
		c->buffers = &pool->buffers[pool->used];
		pool->used++;
	}
	list_append(&pool->unanswered, c);
	return c;
}

void http_pool_give(struct http_pool *pool, struct http_conn *c)
{
	list_remove(c);
	c->newer = pool->free_list;
	pool->free_list = c;
}

void http_pool_note_answer(struct http_pool *pool, struct http_conn *c)
{
	list_remove(c);
	list_append(&pool->answered, c);
}

struct http_conn *http_pool_eviction_candidate(const struct http_pool *pool)
{
	bool is_full_of_unanswered = pool->unanswered.count > pool->capacity / 2;

	return is_full_of_unanswered || pool->answered.count == 0 ? pool->unanswered.oldest
								  : pool->answered.oldest;
}

static void close_one(const struct http_closing *leaving)
{
	static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (leaving->reset)
		(void)setsockopt(leaving->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	(void)fd_close(leaving->fd);
}

void http_pool_close_later(struct http_pool *pool, int fd, bool reset)
{
	const struct http_closing leaving = {fd, reset};

	if (pool->closing_count < pool->closing_capacity)
		pool->closing[pool->closing_count++] = leaving;
	else
		close_one(&leaving);
}

bool http_pool_close_some(struct http_pool *pool, size_t count)
{
	while (count-- > 0 && pool->closing_count > 0)
		close_one(&pool->closing[--pool->closing_count]);
	return pool->closing_count > 0;
}
