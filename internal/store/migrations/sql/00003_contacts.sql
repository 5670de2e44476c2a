-- +goose Up
CREATE TABLE contacts (
    id             {{.PK}},
    workspace_id   {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    name           TEXT NOT NULL,
    name_norm      TEXT NOT NULL,
    named_by       {{.BigInt}} NOT NULL, -- the user who chose the name; 0: the platform's, which may change
    company        TEXT NOT NULL,
    locale         TEXT NOT NULL,
    source         TEXT NOT NULL,
    avatar_file_id {{.BigInt}} NOT NULL,
    avatar_ref     TEXT NOT NULL,
    fields         TEXT NOT NULL,
    blocked        {{.Bool}} NOT NULL,
    merged_into    {{.BigInt}} NOT NULL, -- 0: a contact of its own
    created_at     {{.BigInt}} NOT NULL,
    updated_at     {{.BigInt}} NOT NULL,
    last_seen_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX contacts_list ON contacts (workspace_id, merged_into, id);
CREATE INDEX contacts_name ON contacts (workspace_id, name_norm);

CREATE TABLE identities (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    contact_id   {{.BigInt}} NOT NULL REFERENCES contacts (id),
    kind         TEXT NOT NULL, -- phone, email or a channel kind
    scope        TEXT NOT NULL, -- what the value is relative to; empty: nothing
    value        TEXT NOT NULL, -- normalised
    display      TEXT NOT NULL,
    verified     {{.Bool}} NOT NULL,
    created_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX identities_value ON identities (workspace_id, kind, scope, value);
CREATE INDEX identities_contact ON identities (contact_id);

CREATE TABLE tags (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    name         TEXT NOT NULL,
    name_norm    TEXT NOT NULL,
    color        TEXT NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX tags_name ON tags (workspace_id, name_norm);

CREATE TABLE contact_tags (
    workspace_id {{.BigInt}} NOT NULL,
    contact_id   {{.BigInt}} NOT NULL REFERENCES contacts (id),
    tag_id       {{.BigInt}} NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (contact_id, tag_id)
){{.Strict}};
CREATE INDEX contact_tags_tag ON contact_tags (tag_id, contact_id);

CREATE TABLE contact_notes (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    contact_id   {{.BigInt}} NOT NULL REFERENCES contacts (id),
    author_id    {{.BigInt}} NOT NULL,
    text         TEXT NOT NULL,
    created_at   {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX contact_notes_contact ON contact_notes (contact_id, id);

CREATE TABLE contact_fields (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL REFERENCES workspaces (id),
    key          TEXT NOT NULL,
    label        TEXT NOT NULL,
    type         TEXT NOT NULL,
    options      TEXT NOT NULL,
    position     {{.BigInt}} NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX contact_fields_key ON contact_fields (workspace_id, key);

CREATE TABLE consents (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    contact_id   {{.BigInt}} NOT NULL REFERENCES contacts (id),
    purpose      TEXT NOT NULL,
    source       TEXT NOT NULL,
    given_at     {{.BigInt}} NOT NULL,
    withdrawn_at {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX consents_contact ON consents (contact_id);

-- What a merge moved, so that it can be undone.
CREATE TABLE contact_merges (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    winner_id    {{.BigInt}} NOT NULL REFERENCES contacts (id),
    loser_id     {{.BigInt}} NOT NULL REFERENCES contacts (id),
    loser_name   TEXT NOT NULL,
    user_id      {{.BigInt}} NOT NULL, -- 0: joined by itself
    reason       TEXT NOT NULL,
    moved        TEXT NOT NULL,
    at           {{.BigInt}} NOT NULL,
    undone_at    {{.BigInt}} NOT NULL
){{.Strict}};
CREATE INDEX contact_merges_winner ON contact_merges (winner_id);
CREATE INDEX contact_merges_loser ON contact_merges (loser_id);

CREATE TABLE contact_suggestions (
    id           {{.PK}},
    workspace_id {{.BigInt}} NOT NULL,
    a_id         {{.BigInt}} NOT NULL REFERENCES contacts (id), -- a < b
    b_id         {{.BigInt}} NOT NULL REFERENCES contacts (id),
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    score        {{.BigInt}} NOT NULL, -- 0 to 100
    dismissed_at {{.BigInt}} NOT NULL
){{.Strict}};
CREATE UNIQUE INDEX contact_suggestions_pair ON contact_suggestions (a_id, b_id);
CREATE INDEX contact_suggestions_b ON contact_suggestions (b_id);
