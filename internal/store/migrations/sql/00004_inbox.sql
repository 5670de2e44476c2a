-- +goose Up
CREATE TABLE inboxes (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    name         TEXT NOT NULL,
    color        TEXT NOT NULL,
    hours        TEXT NOT NULL,
    routing      TEXT NOT NULL,
    reopen_hours {{.BigInt}} NOT NULL,
    greeting     TEXT NOT NULL,
    away_message TEXT NOT NULL,
    created_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX inboxes_workspace ON inboxes (workspace_id);

-- An inbox without teams is everybody's.
CREATE TABLE inbox_teams (
    workspace_id {{.BigInt}} NOT NULL,
    inbox_id     {{.BigInt}} NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    team_id      {{.BigInt}} NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (inbox_id, team_id)
){{.Strict}};
CREATE INDEX inbox_teams_team ON inbox_teams (team_id);

CREATE TABLE channels (
    id              {{.PK}},
    workspace_id    {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    inbox_id        {{.BigInt}} NOT NULL REFERENCES inboxes (id),
    kind            TEXT NOT NULL,
    name            TEXT NOT NULL,
    enabled         {{.Bool}} NOT NULL,
    deleted_at      {{.BigInt}} NOT NULL,
    settings        TEXT NOT NULL,
    secrets         {{.Blob}} NOT NULL, -- sealed
    health          TEXT NOT NULL,
    poll_cursor     TEXT NOT NULL,
    last_inbound_at {{.BigInt}} NOT NULL,
    created_at      {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX channels_workspace ON channels (workspace_id);

-- Updates as the platforms handed them over, before any meaning.
CREATE TABLE inbound (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    channel_id   {{.BigInt}} NOT NULL REFERENCES channels (id),
    dedupe_key   TEXT NOT NULL,
    order_key    TEXT NOT NULL,
    body         {{.Blob}} NOT NULL,
    received_at  {{.BigInt}} NOT NULL,
    state        {{.BigInt}} NOT NULL, -- 0 pending, 1 done, 2 failed, 3 unsupported in part
    error        TEXT NOT NULL,
    finished_at  {{.BigInt}} NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX inbound_dedupe ON inbound (channel_id, dedupe_key);
CREATE INDEX inbound_pending ON inbound (id) WHERE state = 0;
CREATE INDEX inbound_failed ON inbound (channel_id, id) WHERE state >= 2;
CREATE INDEX inbound_done ON inbound (finished_at) WHERE state = 1;

CREATE TABLE conversations (
    id              {{.PK}},
    workspace_id    {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    inbox_id        {{.BigInt}} NOT NULL REFERENCES inboxes (id),
    contact_id      {{.BigInt}} NOT NULL REFERENCES contacts (id),
    status          TEXT NOT NULL, -- open, pending, snoozed, resolved
    assignee_id     {{.BigInt}} NOT NULL,
    team_id         {{.BigInt}} NOT NULL,
    snoozed_until   {{.BigInt}} NOT NULL,
    waiting_since   {{.BigInt}} NOT NULL, -- 0: nobody waits
    channel_id      {{.BigInt}} NOT NULL, -- of the customer's last message
    channel_kinds   TEXT NOT NULL,
    group_title     TEXT NOT NULL,
    is_group        {{.Bool}} NOT NULL,
    preview         TEXT NOT NULL,
    last_item_id    {{.BigInt}} NOT NULL,
    last_inbound_id {{.BigInt}} NOT NULL, -- the customer's newest item
    last_reply_id   {{.BigInt}} NOT NULL, -- our newest message: what came before it is answered
    created_at      {{.BigInt}} NOT NULL,
    last_at         {{.BigInt}} NOT NULL,
    first_reply_at  {{.BigInt}} NOT NULL,
    resolved_at     {{.BigInt}} NOT NULL
){{.Strict}};
-- One piece of work per contact and inbox.
CREATE UNIQUE INDEX conversations_unresolved ON conversations (inbox_id, contact_id) WHERE status <> 'resolved';
-- The lists: each index hands over rows in a list's order.
CREATE INDEX conversations_contact ON conversations (contact_id, status, last_at, id);
CREATE INDEX conversations_status ON conversations (workspace_id, status, last_at, id);
CREATE INDEX conversations_inbox ON conversations (inbox_id, status, last_at, id);
CREATE INDEX conversations_assignee ON conversations (workspace_id, assignee_id, status, last_at, id);
CREATE INDEX conversations_team ON conversations (team_id, status, last_at, id) WHERE team_id > 0;
CREATE INDEX conversations_kinds ON conversations (workspace_id, channel_kinds, status, last_at, id);
CREATE INDEX conversations_waiting ON conversations (workspace_id, waiting_since, id) WHERE waiting_since > 0;
CREATE INDEX conversations_waiting_recent ON conversations (workspace_id, last_at, id) WHERE waiting_since <> 0;
CREATE INDEX conversations_unanswered ON conversations (workspace_id, last_at, id)
    WHERE status <> 'resolved' AND last_inbound_id > last_reply_id;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE status = 'snoozed';

-- A chat is a conversation as a platform knows it.
CREATE TABLE chats (
    id              {{.PK}},
    workspace_id    {{.BigInt}} NOT NULL,
    channel_id      {{.BigInt}} NOT NULL REFERENCES channels (id),
    key             TEXT NOT NULL,
    contact_id      {{.BigInt}} NOT NULL REFERENCES contacts (id),
    conversation_id {{.BigInt}} NOT NULL, -- the latest
    recipient       TEXT NOT NULL, -- the person's id, where platforms address people
    is_group        {{.Bool}} NOT NULL,
    title           TEXT NOT NULL,
    last_inbound_at {{.BigInt}} NOT NULL,
    blocked         TEXT NOT NULL, -- why we may not write; empty: we may
    created_at      {{.BigInt}} NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX chats_key ON chats (channel_id, key);
CREATE INDEX chats_contact ON chats (contact_id);

CREATE TABLE items (
    id              {{.PK}},
    workspace_id    {{.BigInt}} NOT NULL,
    conversation_id {{.BigInt}} NOT NULL REFERENCES conversations (id),
    contact_id      {{.BigInt}} NOT NULL, -- the conversation's, or who spoke in a group
    channel_id      {{.BigInt}} NOT NULL,
    chat_id         {{.BigInt}} NOT NULL,
    kind            TEXT NOT NULL, -- message, note, event, call, voicemail
    direction       TEXT NOT NULL, -- in, out, empty
    author_type     TEXT NOT NULL, -- user, contact, system, device
    author_id       {{.BigInt}} NOT NULL,
    content         TEXT NOT NULL,
    has_files       {{.Bool}} NOT NULL,
    external_id     TEXT NOT NULL,
    reply_to        {{.BigInt}} NOT NULL,
    reply_external  TEXT NOT NULL, -- when the message replied to is older than Okno
    reply_text      TEXT NOT NULL,
    album           TEXT NOT NULL,
    state           TEXT NOT NULL, -- of outgoing messages
    reason          TEXT NOT NULL,
    detail          TEXT NOT NULL,
    client_id       TEXT NOT NULL,
    event           TEXT NOT NULL, -- for kind event
    reactions       TEXT NOT NULL,
    at              {{.BigInt}} NOT NULL, -- the platform's time
    created_at      {{.BigInt}} NOT NULL,
    scheduled_at    {{.BigInt}} NOT NULL,
    retry_at        {{.BigInt}} NOT NULL,
    edited_at       {{.BigInt}} NOT NULL,
    deleted_at      {{.BigInt}} NOT NULL,
    deleted_by      TEXT NOT NULL
){{.Strict}};
CREATE INDEX items_conversation ON items (conversation_id, id);
CREATE INDEX items_contact ON items (contact_id, id);
CREATE UNIQUE INDEX items_client ON items (workspace_id, author_id, client_id) WHERE client_id <> '';
CREATE INDEX items_scheduled ON items (scheduled_at) WHERE state = 'scheduled';

-- A platform's ids of our items: an album has several. The primary key is
-- what makes a message that is handed over twice appear once.
CREATE TABLE item_externals (
    workspace_id {{.BigInt}} NOT NULL,
    channel_id   {{.BigInt}} NOT NULL,
    chat_id      {{.BigInt}} NOT NULL,
    external_id  TEXT NOT NULL,
    item_id      {{.BigInt}} NOT NULL,
    PRIMARY KEY (chat_id, external_id)
){{.Strict}};
CREATE INDEX item_externals_item ON item_externals (item_id);

CREATE TABLE item_editions (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    item_id      {{.BigInt}} NOT NULL REFERENCES items (id),
    at           {{.BigInt}} NOT NULL, -- until when it said so
    content      TEXT NOT NULL
){{.Strict}};
CREATE INDEX item_editions_item ON item_editions (item_id, id);

-- One row per try to hand an item to its platform, written before the request.
CREATE TABLE attempts (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    item_id      {{.BigInt}} NOT NULL REFERENCES items (id),
    started_at   {{.BigInt}} NOT NULL,
    finished_at  {{.BigInt}} NOT NULL,
    outcome      TEXT NOT NULL, -- empty while under way; sent, failed, retry, uncertain
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL
){{.Strict}};
CREATE INDEX attempts_item ON attempts (item_id, id);

CREATE TABLE files (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    item_id      {{.BigInt}} NOT NULL, -- 0: uploaded, not sent yet
    position     {{.BigInt}} NOT NULL,
    user_id      {{.BigInt}} NOT NULL, -- who uploaded it; 0: a customer
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    mime         TEXT NOT NULL,
    size         {{.BigInt}} NOT NULL,
    duration     {{.BigInt}} NOT NULL, -- µs
    width        {{.BigInt}} NOT NULL,
    height       {{.BigInt}} NOT NULL,
    peaks        {{.Blob}} NOT NULL,
    emoji        TEXT NOT NULL,
    transcript   TEXT NOT NULL,
    sha256       {{.Blob}} NOT NULL,
    blob_key     TEXT NOT NULL,
    thumb_key    TEXT NOT NULL,
    channel_id   {{.BigInt}} NOT NULL,
    ref          TEXT NOT NULL, -- how the adapter fetches it
    state        TEXT NOT NULL, -- pending, ready, failed, expired
    reason       TEXT NOT NULL,
    created_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX files_item ON files (item_id, position) WHERE item_id > 0;

CREATE TABLE reads (
    workspace_id    {{.BigInt}} NOT NULL,
    user_id         {{.BigInt}} NOT NULL,
    conversation_id {{.BigInt}} NOT NULL REFERENCES conversations (id),
    item_id         {{.BigInt}} NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
){{.Strict}};

CREATE TABLE drafts (
    workspace_id    {{.BigInt}} NOT NULL,
    user_id         {{.BigInt}} NOT NULL,
    conversation_id {{.BigInt}} NOT NULL REFERENCES conversations (id),
    body            TEXT NOT NULL,
    updated_at      {{.BigInt}} NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
){{.Strict}};

CREATE TABLE notifications (
    id              {{.PK}},
    workspace_id    {{.BigInt}} NOT NULL,
    user_id         {{.BigInt}} NOT NULL REFERENCES users (id),
    kind            TEXT NOT NULL,
    conversation_id {{.BigInt}} NOT NULL,
    item_id         {{.BigInt}} NOT NULL,
    by_user_id      {{.BigInt}} NOT NULL,
    text            TEXT NOT NULL,
    at              {{.BigInt}} NOT NULL,
    read_at         {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX notifications_user ON notifications (user_id, id);
CREATE INDEX notifications_conversation ON notifications (conversation_id);
CREATE INDEX notifications_mentions ON notifications (user_id, conversation_id) WHERE kind = 'mention' AND read_at = 0;

CREATE TABLE canned_replies (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    inbox_id     {{.BigInt}} NOT NULL, -- 0: every inbox
    shortcut     TEXT NOT NULL,
    title        TEXT NOT NULL,
    text         TEXT NOT NULL,
    file_ids     TEXT NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX canned_replies_shortcut ON canned_replies (workspace_id, inbox_id, shortcut);

CREATE TABLE views (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    owner_id     {{.BigInt}} NOT NULL,
    shared       {{.Bool}} NOT NULL,
    name         TEXT NOT NULL,
    filter       TEXT NOT NULL,
    position     {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX views_workspace ON views (workspace_id);

-- Delivery reports that overtook the receipt of their message.
CREATE TABLE early_statuses (
    workspace_id {{.BigInt}} NOT NULL,
    channel_id   {{.BigInt}} NOT NULL,
    external_id  TEXT NOT NULL,
    status       TEXT NOT NULL,
    at           {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX early_statuses_message ON early_statuses (channel_id, external_id);
CREATE INDEX early_statuses_age ON early_statuses (at);
