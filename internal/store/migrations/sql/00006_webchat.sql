-- +goose Up
CREATE TABLE visitors (
    channel_id   {{.BigInt}} NOT NULL REFERENCES channels (id),
    id           TEXT NOT NULL,
    user_id      TEXT NOT NULL, -- the site's own id of a logged-in user; empty: nobody
    body         TEXT NOT NULL,
    delivered    {{.BigInt}} NOT NULL,
    read_seq     {{.BigInt}} NOT NULL,
    agent_read   {{.BigInt}} NOT NULL,
    last_seq     {{.BigInt}} NOT NULL,
    seen_at      {{.BigInt}} NOT NULL,
    PRIMARY KEY (channel_id, id)
) {{.Strict}};
CREATE UNIQUE INDEX visitors_user ON visitors (channel_id, user_id) WHERE user_id <> '';

CREATE TABLE visitor_tokens (
    channel_id {{.BigInt}} NOT NULL,
    token_hash {{.Blob}} NOT NULL,
    visitor_id TEXT NOT NULL,
    PRIMARY KEY (channel_id, token_hash)
) {{.Strict}};

-- What a visitor and the business said to each other, as the widget shows it.
CREATE TABLE visitor_log (
    channel_id {{.BigInt}} NOT NULL,
    visitor_id TEXT NOT NULL,
    seq        {{.BigInt}} NOT NULL,
    key        TEXT NOT NULL,
    kind       TEXT NOT NULL,
    own        {{.Bool}} NOT NULL,
    ref        TEXT NOT NULL,
    author     TEXT NOT NULL,
    at         {{.BigInt}} NOT NULL,
    body       {{.Blob}} NOT NULL,
    PRIMARY KEY (channel_id, visitor_id, seq)
) {{.Strict}};
CREATE UNIQUE INDEX visitor_log_key ON visitor_log (channel_id, visitor_id, key);

CREATE TABLE visitor_files (
    channel_id {{.BigInt}} NOT NULL,
    id         TEXT NOT NULL,
    visitor_id TEXT NOT NULL,
    key        TEXT NOT NULL,
    body       TEXT NOT NULL,
    blob_key   TEXT NOT NULL,
    PRIMARY KEY (channel_id, id)
) {{.Strict}};
CREATE UNIQUE INDEX visitor_files_key ON visitor_files (channel_id, visitor_id, key) WHERE key <> '';
