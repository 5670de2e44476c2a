package inbox

import "github.com/okno-hq/okno/internal/fault"

// The failures this package tells its users of.
var (
	ErrNoInbox        = fault.New(fault.NotFound, "inbox.not_found")
	ErrInboxInUse     = fault.New(fault.Conflict, "inbox.in_use")
	ErrInboxArchived  = fault.New(fault.Conflict, "inbox.archived")
	ErrNoConversation = fault.New(fault.NotFound, "conversation.not_found")
	// ErrAnotherThere is a second unresolved conversation of one contact in
	// one inbox.
	ErrAnotherThere  = fault.New(fault.Conflict, "conversation.another_there")
	ErrNoItem        = fault.New(fault.NotFound, "item.not_found")
	ErrNoChat        = fault.New(fault.NotFound, "chat.not_found")
	ErrNoFile        = fault.New(fault.NotFound, "file.not_found")
	ErrNoCanned      = fault.New(fault.NotFound, "canned.not_found")
	ErrShortcutTaken = fault.New(fault.Conflict, "canned.shortcut_taken")
	ErrNoView        = fault.New(fault.NotFound, "view.not_found")
	ErrDuplicate     = fault.New(fault.Conflict, "item.duplicate")
	ErrNotSendable   = fault.New(fault.Conflict, "channel.not_sendable")
	ErrEmpty         = fault.New(fault.Invalid, "message.empty")
	ErrTooLong       = fault.New(fault.TooLarge, "message.too_long")
	ErrUnsupported   = fault.New(fault.Invalid, "message.not_supported_by_channel")
	ErrWindowClosed  = fault.New(fault.Conflict, "message.window_closed")
	ErrFileTooBig    = fault.New(fault.TooLarge, "file.too_big_for_channel")
	ErrFileUsed      = fault.New(fault.Conflict, "file.used_already")
	ErrFileNotReady  = fault.New(fault.Conflict, "file.not_ready")
	ErrWrongState    = fault.New(fault.Conflict, "item.wrong_state")
	ErrNotYours      = fault.New(fault.Denied, "item.not_yours")
	ErrTooOld        = fault.New(fault.Conflict, "item.too_old")
	ErrBlocked       = fault.New(fault.Conflict, "contact.blocked")
)
