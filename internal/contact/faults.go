package contact

import "github.com/okno-hq/okno/internal/fault"

// The failures this package tells its users of.
var (
	ErrNotFound      = fault.New(fault.NotFound, "contact.not_found")
	ErrNoIdentity    = fault.New(fault.NotFound, "identity.not_found")
	ErrIdentityTaken = fault.New(fault.Conflict, "identity.taken")
	ErrNoTag         = fault.New(fault.NotFound, "tag.not_found")
	ErrTagTaken      = fault.New(fault.Conflict, "tag.name_taken")
	ErrNoField       = fault.New(fault.NotFound, "field.not_found")
	ErrFieldTaken    = fault.New(fault.Conflict, "field.key_taken")
	ErrNoNote        = fault.New(fault.NotFound, "note.not_found")
	ErrNoMerge       = fault.New(fault.NotFound, "merge.not_found")
	ErrNoSuggestion  = fault.New(fault.NotFound, "suggestion.not_found")
	ErrMergedAlready = fault.New(fault.Conflict, "contact.merged_already")
	ErrSameContact   = fault.New(fault.Invalid, "contact.same")
	ErrUndone        = fault.New(fault.Conflict, "merge.undone_already")
	ErrNotLatest     = fault.New(fault.Conflict, "merge.not_latest")
)
