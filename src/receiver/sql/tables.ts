import type { Dialect } from './dialect.ts'

/**
 * A call with `waiter_id` belongs to that wait; `claimed` is 1 once the wait has fetched it. `ord` is the place in the line. `kid` names a
 * key that sealed something of the row; where several did, not the newest.
 */
export const migrationsFor = ({ text, bytes, number, afterTable }: Dialect): readonly string[] => [
  `CREATE TABLE ringback_endpoint (
    id ${text} NOT NULL PRIMARY KEY,
    token_hash ${bytes} NOT NULL,
    methods ${text} NOT NULL,
    slots ${number} NOT NULL,
    max_calls ${number},
    accepted ${number} NOT NULL DEFAULT 0,
    rejected ${number} NOT NULL DEFAULT 0,
    state ${text} NOT NULL CHECK (state IN ('open', 'completed', 'cancelled', 'expired')),
    reason ${text},
    created_at ${number} NOT NULL,
    expires_at ${number},
    ended_at ${number},
    idempotency_key ${text} UNIQUE,
    sealed ${bytes} NOT NULL,
    kid ${text}
  ) ${afterTable};
  CREATE INDEX ringback_endpoint_expiry ON ringback_endpoint (expires_at) WHERE state = 'open';
  CREATE INDEX ringback_endpoint_ended ON ringback_endpoint (ended_at) WHERE ended_at IS NOT NULL;
  CREATE TABLE ringback_call (
    endpoint_id ${text} NOT NULL,
    seq ${number} NOT NULL,
    call_id ${text} NOT NULL,
    received_at ${number} NOT NULL,
    dedupe_key ${bytes},
    body_digest ${bytes} NOT NULL,
    sealed ${bytes} NOT NULL,
    kid ${text},
    waiter_id ${text},
    claimed ${number} NOT NULL DEFAULT 0,
    durable ${number} NOT NULL DEFAULT 0,
    lease_until ${number},
    reply ${bytes},
    reply_due_at ${number} NOT NULL,
    duplicates ${number} NOT NULL DEFAULT 0,
    PRIMARY KEY (endpoint_id, seq)
  ) ${afterTable};
  CREATE UNIQUE INDEX ringback_call_dedupe ON ringback_call (endpoint_id, dedupe_key) WHERE dedupe_key IS NOT NULL;
  CREATE INDEX ringback_call_unread ON ringback_call (endpoint_id, seq) WHERE waiter_id IS NULL;
  CREATE INDEX ringback_call_waiter ON ringback_call (endpoint_id, waiter_id) WHERE waiter_id IS NOT NULL;
  CREATE INDEX ringback_call_assigned ON ringback_call (endpoint_id, lease_until) WHERE waiter_id IS NOT NULL AND claimed = 0;
  CREATE TABLE ringback_waiter (
    endpoint_id ${text} NOT NULL,
    id ${text} NOT NULL,
    ord ${number} NOT NULL,
    durable ${number} NOT NULL,
    lease_until ${number},
    PRIMARY KEY (endpoint_id, id)
  ) ${afterTable};
  CREATE TABLE ringback_rejection (
    endpoint_id ${text} NOT NULL,
    n ${number} NOT NULL,
    sealed ${bytes} NOT NULL,
    kid ${text},
    PRIMARY KEY (endpoint_id, n)
  ) ${afterTable};`,
]
