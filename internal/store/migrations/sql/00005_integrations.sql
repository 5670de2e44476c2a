-- +goose Up
CREATE TABLE webhooks (
    id            {{.PK}},
    workspace_id  {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    url           TEXT NOT NULL,
    events        TEXT NOT NULL, -- separated by spaces; empty: all
    secret        {{.Blob}} NOT NULL, -- sealed
    enabled       {{.Bool}} NOT NULL,
    paused_at     {{.BigInt}} NOT NULL,
    paused_reason TEXT NOT NULL,
    failing_since {{.BigInt}} NOT NULL,
    created_by    {{.BigInt}} NOT NULL,
    created_at    {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX webhooks_workspace ON webhooks (workspace_id);

CREATE TABLE webhook_deliveries (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    webhook_id   {{.BigInt}} NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id     {{.BigInt}} NOT NULL,
    event_type   TEXT NOT NULL,
    message_id   TEXT NOT NULL, -- the webhook-id header: the same on every try
    request      {{.Blob}} NOT NULL,
    state        TEXT NOT NULL, -- pending, delivered, failed
    attempts     {{.BigInt}} NOT NULL,
    status       {{.BigInt}} NOT NULL,
    error        TEXT NOT NULL,
    response     {{.Blob}} NOT NULL,
    took_us      {{.BigInt}} NOT NULL,
    next_at      {{.BigInt}} NOT NULL,
    created_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
-- An event comes to a webhook once; tests (0) are no events.
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (webhook_id, event_id) WHERE event_id > 0;
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, id) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);

CREATE TABLE push_subscriptions (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    user_id      {{.BigInt}} NOT NULL REFERENCES users (id),
    endpoint     TEXT NOT NULL,
    p256dh       TEXT NOT NULL,
    auth         TEXT NOT NULL,
    created_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX push_subscriptions_endpoint ON push_subscriptions (endpoint);
CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id);

-- Facts about the installation: keys made on the first start.
CREATE TABLE installation (
    key   TEXT NOT NULL PRIMARY KEY,
    value {{.Blob}} NOT NULL
){{.Strict}};
