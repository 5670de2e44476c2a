package access

import (
	"context"
	"slices"

	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// ProfilePatch changes one's own profile; nil leaves a field as it is.
type ProfilePatch struct {
	Name, Locale *string
	AvatarFile   *int64
	Presence     *Presence
	Settings     *Settings
}

// UpdateProfile changes the actor's own profile.
func (s *Service) UpdateProfile(ctx context.Context, a Actor, p ProfilePatch) (User, error) {
	var u User
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if u, err = s.d.Users.User(ctx, a.Workspace, a.User); err != nil {
			return err
		}
		if p.Name != nil {
			if u.Name, err = CheckName("name", *p.Name); err != nil {
				return err
			}
		}
		if p.Locale != nil {
			if u.Locale, err = checkLocale(*p.Locale); err != nil {
				return err
			}
		}
		if p.Presence != nil {
			if !slices.Contains([]Presence{Online, Away, Offline}, *p.Presence) {
				return fault.New(fault.Invalid, "settings.unknown_value").WithField("presence")
			}
			u.Presence = *p.Presence
		}
		if p.AvatarFile != nil {
			u.AvatarFile = *p.AvatarFile
		}
		if p.Settings != nil {
			if err := p.Settings.Check(); err != nil {
				return err
			}
			u.Settings = *p.Settings
		}
		if err := s.d.Users.UpdateUser(ctx, u); err != nil {
			return err
		}
		return s.tell(ctx, a, event.UserUpdated, u.ID, 0)
	})
	return u, err
}
