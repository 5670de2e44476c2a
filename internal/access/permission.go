package access

import "slices"

// Permission is one thing a role may allow.
type Permission string

// The permissions. What is not listed needs none beyond being logged in.
const (
	ViewAll         Permission = "conversation.view_all" // every inbox, not only those of one's teams
	Reply           Permission = "conversation.reply"    // write to customers, notes, reactions
	Assign          Permission = "conversation.assign"   // assign to somebody else, move between inboxes
	DeleteMessage   Permission = "conversation.delete_message"
	ViewEditions    Permission = "item.editions" // what edited and deleted messages said before
	EditContact     Permission = "contact.edit"
	MergeContact    Permission = "contact.merge"
	ExportContact   Permission = "contact.export"
	ManageChannel   Permission = "channel.manage"
	ManageInbox     Permission = "inbox.manage"
	ManageUser      Permission = "user.manage"
	ManageRole      Permission = "role.manage"
	ManageTeam      Permission = "team.manage"
	ManageCanned    Permission = "canned.manage"
	ManageTag       Permission = "tag.manage"
	ManageField     Permission = "field.manage"
	ManageWebhook   Permission = "webhook.manage"
	ManageToken     Permission = "token.manage"
	ViewAudit       Permission = "audit.view"
	ManageWorkspace Permission = "workspace.manage"
	ShareView       Permission = "view.share"
)

// Permissions lists every permission in the order people read them.
func Permissions() []Permission {
	return []Permission{
		ViewAll, Reply, Assign, DeleteMessage, ViewEditions,
		EditContact, MergeContact, ExportContact,
		ManageInbox, ManageChannel, ManageCanned, ManageTag, ManageField, ShareView,
		ManageUser, ManageTeam, ManageRole,
		ManageToken, ManageWebhook, ViewAudit, ManageWorkspace,
	}
}

// Known reports whether p is a permission.
func (p Permission) Known() bool { return slices.Contains(Permissions(), p) }

// RoleKey names the roles that every workspace has.
type RoleKey string

// The built-in roles. A custom role has an empty key.
const (
	Agent      RoleKey = "agent"
	Supervisor RoleKey = "supervisor"
	Admin      RoleKey = "admin"
)

// RoleKeys lists the built-in roles from least to most powerful.
func RoleKeys() []RoleKey { return []RoleKey{Agent, Supervisor, Admin} }

// Default returns what a built-in role allows; nil for any other key.
func (k RoleKey) Default() []Permission {
	switch k {
	case Agent:
		return []Permission{Reply, Assign, EditContact}
	case Supervisor:
		return []Permission{
			ViewAll, Reply, Assign, DeleteMessage, ViewEditions, EditContact, MergeContact, ExportContact,
			ManageCanned, ManageTag, ShareView, ViewAudit,
		}
	case Admin:
		return Permissions()
	}
	return nil
}
