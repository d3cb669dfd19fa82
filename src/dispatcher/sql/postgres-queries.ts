// Partial indexes are used when the state stands in the query as a constant.
export const postgresMigrations: readonly string[] = [
  `CREATE TABLE ringback_delivery (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('pending', 'leased', 'delivered', 'dead', 'cancelled', 'held')),
    blocked boolean NOT NULL,
    origin text COLLATE "C" NOT NULL,
    ordering_key text COLLATE "C",
    callback text,
    operation text,
    content bytea NOT NULL,
    kid text,
    created_at double precision NOT NULL,
    due_at double precision NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    attempts_before integer NOT NULL DEFAULT 0,
    settled_at double precision,
    reason text,
    lease_token text,
    lease_until double precision
  );
  CREATE TABLE ringback_attempt (
    seq bigint NOT NULL,
    n integer NOT NULL,
    content bytea NOT NULL,
    kid text,
    PRIMARY KEY (seq, n)
  );
  CREATE INDEX ringback_delivery_due ON ringback_delivery (due_at, seq) WHERE state = 'pending' AND NOT blocked;
  CREATE INDEX ringback_delivery_turn ON ringback_delivery (origin, due_at, seq) WHERE state = 'pending' AND NOT blocked;
  CREATE INDEX ringback_delivery_lease ON ringback_delivery (lease_until) WHERE state = 'leased';
  CREATE INDEX ringback_delivery_settled ON ringback_delivery (state, settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX ringback_delivery_order ON ringback_delivery (ordering_key, seq)
    WHERE ordering_key IS NOT NULL AND state IN ('pending', 'leased', 'held');
  CREATE TABLE ringback_destination (
    id text COLLATE "C" PRIMARY KEY,
    version integer NOT NULL,
    is_kept integer NOT NULL,
    changed_at double precision NOT NULL,
    record text NOT NULL,
    secrets bytea,
    kid text
  );
  CREATE INDEX ringback_destination_old ON ringback_destination (changed_at) WHERE is_kept = 0;
  CREATE TABLE ringback_claim_check (
    delivery text COLLATE "C" PRIMARY KEY,
    once integer NOT NULL,
    expires_at double precision NOT NULL,
    is_taken integer NOT NULL,
    kid text,
    content bytea NOT NULL
  );
  CREATE TABLE ringback_claim_check_hash (
    hash text COLLATE "C" PRIMARY KEY,
    delivery text COLLATE "C" NOT NULL,
    expires_at double precision NOT NULL
  );
  CREATE INDEX ringback_claim_check_old ON ringback_claim_check (expires_at);
  CREATE INDEX ringback_claim_check_hash_old ON ringback_claim_check_hash (expires_at)`,
  // Ordering keys whose lines were joined in a transaction of the application, and not looked at since.
  `CREATE TABLE ringback_joined (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ordering_key text COLLATE "C" NOT NULL
  )`,
]

const isDue = `state = 'pending' AND NOT blocked`
const isUnsettled = `state IN ('pending', 'leased', 'held')`
const ofRows = 'WHERE seq = ANY ($1::bigint[])'

/**
 * ids, origins, ordering keys, callbacks, operations, contents, kids, creation, due, tokens and ends of leases. Numbers are drawn in the order
 * of the arrays. What has an ordering key waits until `unblock` lets it go.
 */
const insertion = `INSERT INTO ringback_delivery
      (id, state, blocked, origin, ordering_key, callback, operation, content, kid, created_at, due_at, lease_token, lease_until)
    SELECT id, CASE WHEN token IS NULL THEN 'pending' ELSE 'leased' END, key IS NOT NULL, origin, key, callback, operation, content, kid,
      created_at, due_at, token, until
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::float8[], $9::float8[], $10::text[],
        $11::float8[])
      WITH ORDINALITY AS given (id, origin, key, callback, operation, content, kid, created_at, due_at, token, until, ord)
    ORDER BY ord ON CONFLICT (id) DO NOTHING RETURNING id, ordering_key AS key`

// Above each: its parameters, in the order of their numbers.
const texts = {
  insert: `${insertion}`,
  /** The same, and notes which lines were joined. */
  insertWithin: `WITH inserted AS (${insertion}), joined AS (
      INSERT INTO ringback_joined (ordering_key) SELECT DISTINCT key FROM inserted WHERE key IS NOT NULL
    )
    SELECT * FROM inserted`,
  /** limit. What another process has taken is left to it. */
  takeJoined: `DELETE FROM ringback_joined WHERE seq IN (SELECT seq FROM ringback_joined ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING ordering_key AS key`,
  /** keys. Always in the order of their hashes, so that nobody waits for somebody who waits. */
  lockKeys: `SELECT pg_advisory_xact_lock(hash) FROM (
      SELECT DISTINCT hashtextextended(key, 7246252203002) AS hash FROM unnest($1::text[]) AS given (key) ORDER BY hash
    ) AS hashes`,
  isolation: `SELECT current_setting('transaction_isolation') AS level`,
  keysOf: 'SELECT DISTINCT ordering_key AS key FROM ringback_delivery WHERE id = ANY($1::text[]) AND ordering_key IS NOT NULL',
  /**
   * now, rows to look at, limit, rows of one origin, origins with what is taken of each, token, until. In turn by origin, as `takeTurns` does
   * it; rows that another process has in hand are passed over. `seen`: how many were looked at, in one row without a delivery if need be;
   * `isJoined`: there are lines to be looked at.
   *
   * The planner must not know the limit: for a small one it prefers a bitmap, which goes through the entries of all deliveries that were due
   * since the last vacuum. A scan in order marks such entries, and is fast from then on.
   */
  claim: `WITH due AS (
      SELECT seq, origin, due_at FROM ringback_delivery WHERE ${isDue} AND due_at <= $1 ORDER BY due_at, seq LIMIT (SELECT $2::int)
      FOR NO KEY UPDATE SKIP LOCKED
    ), placed AS (
      SELECT seq, origin, row_number() OVER (ORDER BY due_at, seq) AS place,
        row_number() OVER (PARTITION BY origin ORDER BY due_at, seq) AS turn FROM due
    ), chosen AS (
      SELECT placed.seq, turn, min(place) OVER (PARTITION BY placed.origin) AS of_origin FROM placed
      LEFT JOIN unnest($5::text[], $6::float8[]) AS taken (origin, count) ON taken.origin = placed.origin
      WHERE turn + coalesce(taken.count, 0) <= $4::float8 ORDER BY turn, of_origin LIMIT $3
    ), leased AS (
      UPDATE ringback_delivery AS delivery SET state = 'leased', lease_token = $7, lease_until = $8
      FROM chosen WHERE delivery.seq = chosen.seq RETURNING delivery.*, chosen.turn, chosen.of_origin
    )
    SELECT looked.*, leased.* FROM (
      SELECT count(*)::int AS seen, (SELECT min(seq) FROM ringback_joined) IS NOT NULL AS "isJoined" FROM due
    ) AS looked LEFT JOIN leased ON true ORDER BY turn, of_origin`,
  /** Behind this origin, now, origins, rows of each, full origins, rows that are chosen. Steps from origin to origin along the index. */
  dueByOrigin: `WITH RECURSIVE step (origin) AS (
      (SELECT origin FROM ringback_delivery WHERE ${isDue} AND origin > $1 ORDER BY origin LIMIT 1)
      UNION ALL
      SELECT (SELECT next.origin FROM ringback_delivery AS next WHERE ${isDue} AND next.origin > step.origin ORDER BY next.origin LIMIT 1)
      FROM step WHERE step.origin IS NOT NULL
    )
    SELECT found.seq, found.origin FROM (
      SELECT origin FROM step WHERE origin IS NOT NULL AND origin <> ALL ($5::text[]) LIMIT $3
    ) AS other CROSS JOIN LATERAL (
      SELECT seq, origin FROM ringback_delivery
      WHERE ${isDue} AND origin = other.origin AND due_at <= $2 AND seq <> ALL ($6::bigint[]) ORDER BY due_at, seq LIMIT $4
    ) AS found`,
  /** token, until, rows. */
  lease: `UPDATE ringback_delivery SET state = 'leased', lease_token = $1, lease_until = $2 WHERE seq IN (
      SELECT seq FROM ringback_delivery WHERE seq = ANY ($3::bigint[]) AND ${isDue} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING *`,
  /** token, until, now, limit. */
  leaseExpired: `UPDATE ringback_delivery SET lease_token = $1, lease_until = $2 WHERE seq IN (
      SELECT seq FROM ringback_delivery WHERE state = 'leased' AND lease_until <= $3 ORDER BY lease_until LIMIT $4
      FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING *`,
  /**
   * ids, tokens, states, due, settled, reasons, attempt numbers, contents, kids, whether the lines of their ordering keys are locked. When
   * they are not, and there is such a key among them, nothing is done, and the one row that comes back says so: `ord` is 0.
   */
  settle: `WITH given AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8[], $6::text[], $7::int[], $8::bytea[], $9::text[])
        WITH ORDINALITY AS given (id, token, state, due_at, settled_at, reason, n, content, kid, ord)
    ), needed AS (
      SELECT NOT $10::boolean AND EXISTS (
        SELECT FROM ringback_delivery WHERE id = ANY ($1::text[]) AND ordering_key IS NOT NULL
      ) AS lock
    ), changed AS (
      UPDATE ringback_delivery AS delivery
      SET state = given.state, due_at = coalesce(given.due_at, delivery.due_at), settled_at = given.settled_at, reason = given.reason,
        attempts = attempts + 1, lease_token = NULL, lease_until = NULL
      FROM given
      WHERE delivery.id = given.id AND delivery.lease_token = given.token AND delivery.state = 'leased' AND NOT (SELECT lock FROM needed)
      RETURNING seq, ordering_key, given.n, given.content, given.kid, given.ord, given.state
    ), recorded AS (
      INSERT INTO ringback_attempt (seq, n, content, kid) SELECT seq, n, content, kid FROM changed
    )
    SELECT ord, CASE WHEN state = 'pending' THEN NULL ELSE ordering_key END AS key FROM changed
    UNION ALL SELECT 0, NULL FROM needed WHERE lock`,
  /** id, origin, content, kid. */
  move: 'UPDATE ringback_delivery SET origin = $2, content = $3, kid = $4 WHERE id = $1',
  /** ids, tokens, states, due. */
  release: `UPDATE ringback_delivery AS delivery
    SET state = given.state, due_at = given.due_at, lease_token = NULL, lease_until = NULL
    FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[]) WITH ORDINALITY AS given (id, token, state, due_at, ord)
    WHERE delivery.id = given.id AND delivery.lease_token = given.token AND delivery.state = 'leased' RETURNING ord`,
  /** keys, with their lines locked. */
  unblock: `UPDATE ringback_delivery SET blocked = false WHERE seq IN (
      SELECT (SELECT seq FROM ringback_delivery WHERE ordering_key = key AND ${isUnsettled} ORDER BY seq LIMIT 1)
      FROM unnest($1::text[]) AS given (key)
      WHERE (SELECT count(*) FROM (
        SELECT FROM ringback_delivery WHERE ordering_key = key AND ${isUnsettled} AND NOT blocked LIMIT 1
      ) AS first) = 0
    )`,
  /** ids, states. Always in the order of the ids, so that nobody waits for somebody who waits. */
  lockIn: `SELECT seq, id, ordering_key AS key FROM ringback_delivery WHERE id = ANY ($1::text[]) AND state = ANY ($2::text[])
    ORDER BY id FOR NO KEY UPDATE`,
  /** rows, state, settled. */
  setState: `UPDATE ringback_delivery SET state = $2, settled_at = $3 ${ofRows}`,
  /** rows, now. What has an ordering key waits until `unblock` lets it go. */
  requeue: `UPDATE ringback_delivery SET state = 'pending', due_at = $2, settled_at = NULL, reason = NULL, attempts_before = attempts,
      blocked = ordering_key IS NOT NULL ${ofRows}`,
  /** rows, due. */
  reschedule: `UPDATE ringback_delivery SET due_at = $2 ${ofRows}`,
  byId: 'SELECT * FROM ringback_delivery WHERE id = $1',
  attempts: 'SELECT n, content FROM ringback_attempt WHERE seq = $1 ORDER BY n',
  /** rows. */
  forget: `WITH attempts AS (DELETE FROM ringback_attempt ${ofRows}) DELETE FROM ringback_delivery ${ofRows}`,
  /** delivered before, others before, limit. */
  purge: `WITH old AS (
      SELECT seq FROM ringback_delivery WHERE settled_at IS NOT NULL
        AND ((state = 'delivered' AND settled_at < $1) OR (state = 'dead' AND settled_at < $2) OR (state = 'cancelled' AND settled_at < $2))
      LIMIT $3 FOR UPDATE SKIP LOCKED
    ), attempts AS (
      DELETE FROM ringback_attempt WHERE seq IN (SELECT seq FROM old)
    )
    DELETE FROM ringback_delivery WHERE seq IN (SELECT seq FROM old)`,
  nextWake: `SELECT (SELECT min(due_at) FROM ringback_delivery WHERE ${isDue}) AS due,
    (SELECT min(lease_until) FROM ringback_delivery WHERE state = 'leased') AS lease`,
  stats: `SELECT state, count(*)::float8 AS count, min(due_at) AS due FROM ringback_delivery GROUP BY state`,
}

/** Every text that is sent to PostgreSQL after the migrations. */
export const postgresQueries: Readonly<Record<keyof typeof texts, string>> = texts
