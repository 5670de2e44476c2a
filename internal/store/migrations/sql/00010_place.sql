-- +goose Up

-- Where an item stands on the timeline: at its id, but what was sent later
-- than it was written stands where it was sent.
ALTER TABLE items ADD COLUMN place {{.BigInt}} NOT NULL DEFAULT 0;
UPDATE items SET place = id;
DROP INDEX items_conversation;
DROP INDEX items_contact;
CREATE INDEX items_conversation ON items (conversation_id, place);
CREATE INDEX items_contact ON items (contact_id, place);

-- A person's conversations are few: putting them in order costs less than an
-- index that every message changes.
DROP INDEX conversations_contact;
CREATE INDEX conversations_contact ON conversations (contact_id, status);
-- Whose somebody takes care of in other inboxes than his own.
CREATE INDEX conversations_caretaker ON conversations (assignee_id, inbox_id, contact_id) WHERE assignee_id > 0;
