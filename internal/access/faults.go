package access

import "github.com/okno-hq/okno/internal/fault"

// The failures this package tells its users of.
var (
	ErrDenied          = fault.New(fault.Denied, "access.denied")
	ErrLogin           = fault.New(fault.Unauthenticated, "access.wrong_login")
	ErrUnauthenticated = fault.New(fault.Unauthenticated, "access.not_logged_in")
	ErrThrottled       = fault.New(fault.RateLimited, "access.too_many_attempts")
	ErrInvite          = fault.New(fault.NotFound, "access.invite_gone")
	ErrNoUser          = fault.New(fault.NotFound, "user.not_found")
	ErrNoRole          = fault.New(fault.NotFound, "role.not_found")
	ErrNoTeam          = fault.New(fault.NotFound, "team.not_found")
	ErrNoToken         = fault.New(fault.NotFound, "token.not_found")
	ErrNoSession       = fault.New(fault.NotFound, "session.not_found")
	ErrEmailTaken      = fault.New(fault.Conflict, "user.email_taken")
	ErrLastAdmin       = fault.New(fault.Conflict, "user.last_admin")
	ErrRoleInUse       = fault.New(fault.Conflict, "role.in_use")
	ErrBuiltInRole     = fault.New(fault.Conflict, "role.built_in")
	ErrNameTaken       = fault.New(fault.Conflict, "team.name_taken")
	ErrSetUp           = fault.New(fault.Conflict, "setup.done")
	ErrWeakPassword    = fault.New(fault.Invalid, "user.weak_password")
	ErrSelf            = fault.New(fault.Conflict, "user.not_yourself")
)
