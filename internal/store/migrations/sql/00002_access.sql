-- +goose Up
CREATE TABLE workspaces (
    id         {{.PK}},
    name       TEXT NOT NULL,
    locale     TEXT NOT NULL,
    timezone   TEXT NOT NULL,
    country    TEXT NOT NULL,
    demo       {{.Bool}} NOT NULL,
    created_at {{.BigInt}} NOT NULL
){{.Strict}};

CREATE TABLE roles (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    key          TEXT NOT NULL, -- agent, supervisor, admin; empty for custom roles
    name         TEXT NOT NULL,
    permissions  TEXT NOT NULL  -- separated by spaces
){{.Strict}};
CREATE INDEX roles_workspace ON roles (workspace_id);

CREATE TABLE users (
    id            {{.PK}},
    workspace_id  {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    email         TEXT NOT NULL,
    email_norm    TEXT NOT NULL,
    name          TEXT NOT NULL,
    role_id       {{.BigInt}} NOT NULL REFERENCES roles (id),
    password_hash TEXT NOT NULL, -- empty until the invitation is accepted
    locale        TEXT NOT NULL,
    avatar_file_id {{.BigInt}} NOT NULL,
    presence      TEXT NOT NULL, -- what the person chose: online, away, offline
    capacity      {{.BigInt}} NOT NULL,
    settings      TEXT NOT NULL,
    disabled      {{.Bool}} NOT NULL,
    created_at    {{.BigInt}} NOT NULL,
    last_seen_at  {{.BigInt}} NOT NULL,
    last_assigned_at {{.BigInt}} NOT NULL
){{.Strict}};
-- One address is one person in the whole installation: the log-in form asks for no workspace.
CREATE UNIQUE INDEX users_email ON users (email_norm);
CREATE INDEX users_workspace ON users (workspace_id);

CREATE TABLE teams (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    name         TEXT NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX teams_name ON teams (workspace_id, name);

CREATE TABLE team_members (
    workspace_id {{.BigInt}} NOT NULL,
    team_id      {{.BigInt}} NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id      {{.BigInt}} NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
){{.Strict}};
CREATE INDEX team_members_user ON team_members (user_id);

CREATE TABLE sessions (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    user_id      {{.BigInt}} NOT NULL REFERENCES users (id),
    token_hash   {{.Blob}} NOT NULL,
    ip           TEXT NOT NULL,
    user_agent   TEXT NOT NULL,
    created_at   {{.BigInt}} NOT NULL,
    last_seen_at {{.BigInt}} NOT NULL,
    expires_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    user_id      {{.BigInt}} NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    token_hash   {{.Blob}} NOT NULL,
    created_at   {{.BigInt}} NOT NULL,
    last_used_at {{.BigInt}} NOT NULL,
    expires_at   {{.BigInt}} NOT NULL -- 0: never
){{.Strict}};
CREATE UNIQUE INDEX api_tokens_token ON api_tokens (token_hash);
CREATE INDEX api_tokens_workspace ON api_tokens (workspace_id);

-- Invitations and password resets: whoever holds the link sets the password.
CREATE TABLE invites (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    user_id      {{.BigInt}} NOT NULL REFERENCES users (id),
    token_hash   {{.Blob}} NOT NULL,
    created_at   {{.BigInt}} NOT NULL,
    expires_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX invites_token ON invites (token_hash);
CREATE INDEX invites_user ON invites (user_id);

-- Failed log-ins by address and by IP, counted before the password is checked.
CREATE TABLE login_throttles (
    key        TEXT NOT NULL PRIMARY KEY,
    failures   {{.BigInt}} NOT NULL,
    blocked_until {{.BigInt}} NOT NULL,
    updated_at {{.BigInt}} NOT NULL
){{.Strict}};

CREATE TABLE audit (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    at           {{.BigInt}} NOT NULL,
    user_id      {{.BigInt}} NOT NULL, -- 0: the system or somebody not logged in
    action       TEXT NOT NULL,
    target_type  TEXT NOT NULL,
    target_id    {{.BigInt}} NOT NULL,
    target_name  TEXT NOT NULL,
    ip           TEXT NOT NULL,
    detail       TEXT NOT NULL
){{.Strict}};
CREATE INDEX audit_workspace ON audit (workspace_id, id);

CREATE TABLE idempotency_keys (
    workspace_id {{.BigInt}} NOT NULL,
    user_id      {{.BigInt}} NOT NULL,
    key          TEXT NOT NULL,
    request_hash {{.Blob}} NOT NULL,
    status       {{.BigInt}} NOT NULL, -- 0 while the first request runs
    response     {{.Blob}} NOT NULL,
    content_type TEXT NOT NULL,
    created_at   {{.BigInt}} NOT NULL,
    PRIMARY KEY (workspace_id, user_id, key)
){{.Strict}};
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE event_sequences (
    workspace_id {{.BigInt}} NOT NULL PRIMARY KEY,
    last         {{.BigInt}} NOT NULL
){{.Strict}};

CREATE TABLE events (
    workspace_id    {{.BigInt}} NOT NULL,
    id              {{.BigInt}} NOT NULL,
    type            TEXT NOT NULL,
    at              {{.BigInt}} NOT NULL,
    conversation_id {{.BigInt}} NOT NULL,
    item_id         {{.BigInt}} NOT NULL,
    contact_id      {{.BigInt}} NOT NULL,
    inbox_id        {{.BigInt}} NOT NULL,
    channel_id      {{.BigInt}} NOT NULL,
    user_id         {{.BigInt}} NOT NULL,
    subject_id      {{.BigInt}} NOT NULL,
    actor_id        {{.BigInt}} NOT NULL,
    PRIMARY KEY (workspace_id, id)
){{.Strict}};
CREATE INDEX events_age ON events (at);

-- How far each follower of the events has come.
CREATE TABLE event_cursors (
    workspace_id {{.BigInt}} NOT NULL,
    follower     TEXT NOT NULL,
    last         {{.BigInt}} NOT NULL,
    PRIMARY KEY (workspace_id, follower)
){{.Strict}};
