-- +goose Up

-- Uploads that belong to no item: those nobody uses are removed.
CREATE INDEX files_loose ON files (created_at) WHERE item_id = 0 AND user_id > 0;
-- A canned reply's file and what was sent of it have the same bytes.
CREATE INDEX files_blob ON files (blob_key) WHERE blob_key <> '';

-- An inbox with a history is put away instead of being removed. 0: in use.
ALTER TABLE inboxes ADD COLUMN archived_at {{.BigInt}} NOT NULL DEFAULT 0;

-- What people are looked for by, in the form of contacts.name_norm.
ALTER TABLE contacts ADD COLUMN company_norm TEXT NOT NULL DEFAULT '';
UPDATE contacts SET company_norm = {{.Lower "company"}} WHERE company <> '';
ALTER TABLE identities ADD COLUMN find_norm TEXT NOT NULL DEFAULT '';
UPDATE identities SET find_norm = {{.Lower "display || ' ' || value"}};

-- What exactly a person agreed to, and on which channel and page.
ALTER TABLE consents ADD COLUMN text TEXT NOT NULL DEFAULT '';
ALTER TABLE consents ADD COLUMN channel_id {{.BigInt}} NOT NULL DEFAULT 0;
ALTER TABLE consents ADD COLUMN page TEXT NOT NULL DEFAULT '';
