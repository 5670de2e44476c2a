-- +goose Up
-- The search index of PostgreSQL; with SQLite it is a file of its own. All of
-- it can be made anew from the other tables.
{{if .Postgres}}
CREATE TABLE search_docs (
    id    BIGINT PRIMARY KEY, -- an item's or a contact's
    words TSVECTOR NOT NULL
);
CREATE INDEX search_docs_words ON search_docs USING gin (words) WITH (gin_pending_list_limit = 1024);

CREATE TABLE search_states (
    workspace_id    BIGINT PRIMARY KEY,
    cursor_event    BIGINT NOT NULL, -- the last event that the index knows of
    mark            TEXT NOT NULL,
    items_before    BIGINT NOT NULL, -- older items are missing still; 0: none is
    contacts_before BIGINT NOT NULL,
    version         BIGINT NOT NULL
);

CREATE TABLE search_places (
    conversation_id BIGINT PRIMARY KEY,
    inbox_id        BIGINT NOT NULL -- what the conversation's documents are filed under
);
{{else}}
SELECT 1;
{{end}}
