-- +goose Up

-- Durable work: internal/job tells what the columns mean.
CREATE TABLE jobs (
    id           {{.AutoPK}},
    workspace_id {{.BigInt}} NOT NULL,
    kind         TEXT NOT NULL,
    -- Jobs of one key run one at a time, oldest first; '' has no order.
    order_key    TEXT NOT NULL,
    -- The key a dead job had before it stepped out of the others' way.
    former_key   TEXT NOT NULL,
    -- Set while the job has never started.
    dedupe       TEXT,
    payload      {{.JSON}} NOT NULL,
    -- waiting (behind another of its key), ready, running, dead
    state        TEXT NOT NULL,
    run_at       {{.BigInt}} NOT NULL,
    created_at   {{.BigInt}} NOT NULL,
    first_at     {{.BigInt}} NOT NULL,
    attempts     {{.BigInt}} NOT NULL,
    failures     {{.BigInt}} NOT NULL,
    owner        {{.BigInt}} NOT NULL,
    node         TEXT NOT NULL,
    leased_until {{.BigInt}} NOT NULL,
    last_error   TEXT NOT NULL
) {{.Strict}};

CREATE INDEX jobs_ready ON jobs (kind, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_running ON jobs (leased_until) WHERE state = 'running';
CREATE INDEX jobs_waiting ON jobs (order_key, id) WHERE state = 'waiting';
CREATE INDEX jobs_dead ON jobs (workspace_id, id) WHERE state = 'dead';
CREATE UNIQUE INDEX jobs_head ON jobs (order_key) WHERE order_key <> '' AND state <> 'waiting';
CREATE UNIQUE INDEX jobs_dedupe ON jobs (workspace_id, kind, dedupe) WHERE dedupe IS NOT NULL;

-- +goose Down
DROP TABLE jobs;
