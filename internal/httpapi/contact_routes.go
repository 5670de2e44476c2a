package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

type contactsQuery struct {
	Paging
	Q     string `query:"q" maxLength:"200" doc:"Name, company, e-mail, or a telephone number in any formatting."`
	TagID string `query:"tag_id"`
}

type newIdentity struct {
	Kind  string `json:"kind" enum:"phone,email"`
	Value string `json:"value"`
}

type newContactRequest struct {
	Name       string         `json:"name,omitempty"`
	Company    string         `json:"company,omitempty"`
	Fields     map[string]any `json:"fields,omitempty"`
	Identities []newIdentity  `json:"identities,omitempty" maxItems:"20"`
}

type contactPatch struct {
	Ident
	Body struct {
		Name    *string        `json:"name,omitempty"`
		Company *string        `json:"company,omitempty"`
		Fields  map[string]any `json:"fields,omitempty" doc:"Merged by key; null removes one."`
		Blocked *bool          `json:"blocked,omitempty"`
	}
}

func (s *Server) contactRoutes() {
	handle(s, route{method: "GET", path: "/contacts", name: "listContacts", tag: "Contacts", summary: "Contacts, the newest first"},
		func(ctx context.Context, a access.Actor, in *contactsQuery) (*body[list[Contact]], error) {
			from, err := before[contact.ID](in.Paging)
			if err != nil {
				return nil, err
			}
			tag, err := optional[contact.TagID]("tag_id", in.TagID)
			if err != nil {
				return nil, err
			}
			found, err := s.d.Contacts.List(ctx, a, in.Q, tag, from, in.Limit)
			if err != nil {
				return nil, err
			}
			count, err := s.d.Inbox.CountOf(ctx, a, all(found, func(c contact.Contact) contact.ID { return c.ID }))
			return listOf(all(found, func(c contact.Contact) Contact {
				out := contactOf(c)
				out.Conversations = count[c.ID]
				return out
			}), next(found, in.Limit, func(c contact.Contact) contact.ID { return c.ID })), err
		})
	handle(s, route{method: "POST", path: "/contacts", name: "createContact", tag: "Contacts", summary: "Add a contact", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[newContactRequest]) (*body[Contact], error) {
			c, err := s.d.Contacts.Create(ctx, a, contact.NewContact{
				Name: in.Body.Name, Company: in.Body.Company, Fields: in.Body.Fields,
				Identities: all(in.Body.Identities, func(n newIdentity) contact.NewIdentity {
					return contact.NewIdentity{Kind: contact.IdentityKind(n.Kind), Value: n.Value}
				}),
			})
			return &body[Contact]{contactOf(c)}, err
		})
	s.oneContact(route{method: "GET", path: "/contacts/{id}", name: "getContact", summary: "One contact"}, s.getContact)
	handle(s, route{method: "PATCH", path: "/contacts/{id}", name: "updateContact", tag: "Contacts", summary: "Change a contact"},
		func(ctx context.Context, a access.Actor, in *contactPatch) (*body[Contact], error) {
			who, err := id.Parse[contact.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.d.Contacts.Update(ctx, a, who, contact.Patch{
				Name: in.Body.Name, Company: in.Body.Company, Fields: in.Body.Fields, Blocked: in.Body.Blocked,
			})
			return &body[Contact]{contactOf(c)}, err
		})
	s.contactParts()
	s.contactWork()
	s.mergeRoutes()
}

// oneContact is a handler for one contact that answers with a contact.
func (s *Server) oneContact(r route, fn func(context.Context, access.Actor, contact.ID) (Contact, error)) {
	r.tag = "Contacts"
	handle(s, r, func(ctx context.Context, a access.Actor, in *Ident) (*body[Contact], error) {
		who, err := id.Parse[contact.ID]("id", in.ID)
		if err != nil {
			return nil, err
		}
		c, err := fn(ctx, a, who)
		return &body[Contact]{c}, err
	})
}

func (s *Server) getContact(ctx context.Context, a access.Actor, who contact.ID) (Contact, error) {
	c, err := s.d.Contacts.Get(ctx, a, who)
	if err != nil {
		return Contact{}, err
	}
	convs, err := s.d.Inbox.ListOf(ctx, a, who)
	out := contactOf(c)
	out.Conversations = len(convs)
	return out, err
}

type tagsRequest struct {
	Ident
	Body struct {
		TagIDs []string `json:"tag_ids" nullable:"false"`
	}
}

type identityRequest struct {
	Ident
	Body newIdentity
}

type identityPath struct {
	Ident
	IID string `path:"iid"`
}

type contactNoteRequest struct {
	Ident
	Body struct {
		Text string `json:"text"`
	}
}

type contactNotePath struct {
	Ident
	NID string `path:"nid"`
}

func (s *Server) contactParts() {
	handle(s, route{method: "PUT", path: "/contacts/{id}/tags", name: "setContactTags", tag: "Contacts", summary: "Replace a contact's tags"},
		func(ctx context.Context, a access.Actor, in *tagsRequest) (*body[Contact], error) {
			who, err := id.Parse[contact.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			tags, err := parseIDs[contact.TagID]("tag_ids", in.Body.TagIDs)
			if err != nil {
				return nil, err
			}
			c, err := s.d.Contacts.SetTags(ctx, a, who, tags)
			return &body[Contact]{contactOf(c)}, err
		})
	handle(s, route{method: "POST", path: "/contacts/{id}/identities", name: "addIdentity", tag: "Contacts", summary: "Give a contact a telephone number or an e-mail address"},
		func(ctx context.Context, a access.Actor, in *identityRequest) (*body[Contact], error) {
			who, err := id.Parse[contact.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.d.Contacts.AddIdentity(ctx, a, who, contact.NewIdentity{Kind: contact.IdentityKind(in.Body.Kind), Value: in.Body.Value})
			return &body[Contact]{contactOf(c)}, err
		})
	handle(s, route{method: "DELETE", path: "/contacts/{id}/identities/{iid}", name: "removeIdentity", tag: "Contacts", summary: "Take an address away"},
		func(ctx context.Context, a access.Actor, in *identityPath) (*body[Contact], error) {
			who, err := id.Parse[contact.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			identity, err := id.Parse[contact.IdentityID]("iid", in.IID)
			if err != nil {
				return nil, err
			}
			c, err := s.d.Contacts.RemoveIdentity(ctx, a, who, identity)
			return &body[Contact]{contactOf(c)}, err
		})
	handle(s, route{method: "GET", path: "/contacts/{id}/notes", name: "listContactNotes", tag: "Contacts", summary: "Remarks about a contact"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[list[ContactNote]], error) {
			who, err := s.knownContact(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			notes, err := s.d.Contacts.Notes(ctx, a, who)
			return listOf(all(notes, contactNoteOf), ""), err
		})
	handle(s, route{method: "POST", path: "/contacts/{id}/notes", name: "addContactNote", tag: "Contacts", summary: "Write a remark about a contact", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *contactNoteRequest) (*body[ContactNote], error) {
			who, err := id.Parse[contact.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			n, err := s.d.Contacts.AddNote(ctx, a, who, in.Body.Text)
			return &body[ContactNote]{contactNoteOf(n)}, err
		})
	handle(s, route{method: "DELETE", path: "/contacts/{id}/notes/{nid}", name: "deleteContactNote", tag: "Contacts", summary: "Remove a remark", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *contactNotePath) (*none, error) {
			who, err := id.Parse[contact.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			note, err := id.Parse[contact.NoteID]("nid", in.NID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Contacts.DeleteNote(ctx, a, who, note)
		})
}

// knownContact reads the id of a contact of the workspace: lists of somebody
// unknown are not empty, they are not there.
func (s *Server) knownContact(ctx context.Context, a access.Actor, v string) (contact.ID, error) {
	who, err := id.Parse[contact.ID]("id", v)
	if err != nil {
		return 0, err
	}
	_, err = s.d.Contacts.Get(ctx, a, who)
	return who, err
}

// ContactFile is a file with where it was sent.
type ContactFile struct {
	File
	ItemID         string    `json:"item_id"`
	ConversationID string    `json:"conversation_id"`
	At             time.Time `json:"at"`
}

type contactFilesQuery struct {
	Ident
	Paging
}

func (s *Server) contactWork() {
	handle(s, route{method: "GET", path: "/contacts/{id}/timeline", name: "getContactTimeline", tag: "Contacts", summary: "The items of all of a contact's conversations in one order"},
		func(ctx context.Context, a access.Actor, in *timelineQuery) (*body[Slice], error) {
			who, err := s.knownContact(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			r, err := in.parse()
			if err != nil {
				return nil, err
			}
			sl, err := s.d.Inbox.ContactTimeline(ctx, a, who, r)
			if err != nil {
				return nil, err
			}
			return s.slice(ctx, int64(a.Workspace), sl)
		})
	handle(s, route{method: "GET", path: "/contacts/{id}/conversations", name: "listContactConversations", tag: "Contacts", summary: "A contact's conversations, the latest first"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[list[Conversation]], error) {
			who, err := s.knownContact(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			convs, err := s.d.Inbox.ListOf(ctx, a, who)
			if err != nil {
				return nil, err
			}
			out, err := s.conversations(ctx, int64(a.Workspace), convs)
			return listOf(out, ""), err
		})
	handle(s, route{method: "GET", path: "/contacts/{id}/files", name: "listContactFiles", tag: "Contacts", summary: "A contact's files, the newest first"},
		func(ctx context.Context, a access.Actor, in *contactFilesQuery) (*body[list[ContactFile]], error) {
			who, err := s.knownContact(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			from, err := before[inbox.FileID](in.Paging)
			if err != nil {
				return nil, err
			}
			files, items, err := s.d.Inbox.FilesOf(ctx, a, who, from, in.Limit)
			at := map[inbox.ItemID]inbox.Item{}
			for _, i := range items {
				at[i.ID] = i
			}
			return listOf(all(files, func(f inbox.File) ContactFile {
				i := at[f.Item]
				return ContactFile{File: fileOf(f), ItemID: ref(f.Item), ConversationID: ref(i.Conversation), At: stamp(i.At)}
			}), next(files, in.Limit, func(f inbox.File) inbox.FileID { return f.ID })), err
		})
}

type mergeRequest struct {
	Ident
	Body struct {
		ContactID string `json:"contact_id" doc:"The one that becomes part of this one."`
	}
}

type suggestionPath struct {
	Ident
	SID string `path:"sid"`
}

func (s *Server) mergeRoutes() {
	handle(s, route{method: "GET", path: "/contacts/{id}/suggestions", name: "listSuggestions", tag: "Contacts", summary: "Contacts who may be the same person"}, s.suggestions)
	handle(s, route{method: "POST", path: "/contacts/{id}/suggestions/{sid}/dismiss", name: "dismissSuggestion", tag: "Contacts", summary: "Say that they are two people", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *suggestionPath) (*none, error) {
			who, err := id.Parse[contact.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			sug, err := id.Parse[contact.SuggestionID]("sid", in.SID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Contacts.Dismiss(ctx, a, who, sug)
		})
	handle(s, route{method: "POST", path: "/contacts/{id}/merge", name: "mergeContacts", tag: "Contacts", summary: "Make two contacts one"},
		func(ctx context.Context, a access.Actor, in *mergeRequest) (*body[Contact], error) {
			winner, err := id.Parse[contact.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			loser, err := id.Parse[contact.ID]("contact_id", in.Body.ContactID)
			if err != nil {
				return nil, err
			}
			c, err := s.d.Contacts.Merge(ctx, a, winner, loser)
			return &body[Contact]{contactOf(c)}, err
		})
	handle(s, route{method: "GET", path: "/contacts/{id}/merges", name: "listMerges", tag: "Contacts", summary: "Who became part of a contact"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[list[Merge]], error) {
			who, err := s.knownContact(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			merges, err := s.d.Contacts.Merges(ctx, a, who)
			return listOf(all(merges, mergeOf), ""), err
		})
	handle(s, route{method: "POST", path: "/merges/{id}/undo", name: "undoMerge", tag: "Contacts", summary: "Take two contacts apart again; answers with the one set free"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[Contact], error) {
			m, err := id.Parse[contact.MergeID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.d.Contacts.Undo(ctx, a, m)
			return &body[Contact]{contactOf(c)}, err
		})
}

func (s *Server) suggestions(ctx context.Context, a access.Actor, in *Ident) (*body[list[Suggestion]], error) {
	who, err := s.knownContact(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	found, err := s.d.Contacts.Suggestions(ctx, a, who)
	if err != nil {
		return nil, err
	}
	other := func(g contact.Suggestion) contact.ID {
		if g.A == who {
			return g.B
		}
		return g.A
	}
	people, err := s.people(ctx, int64(a.Workspace), all(found, other))
	return listOf(all(found, func(g contact.Suggestion) Suggestion {
		return Suggestion{ID: id.Format(g.ID), Contact: briefOf(people[other(g)]), Reason: string(g.Reason), Detail: g.Detail, Score: g.Score}
	}), ""), err
}
