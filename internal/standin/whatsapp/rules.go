package whatsapp

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// interactive is an interactive message as far as the rules look into it.
type interactive struct {
	Type string `json:"type"`
	Body struct {
		Text string `json:"text"`
	} `json:"body"`
	Action struct {
		Name    string `json:"name"`
		Button  string `json:"button"`
		Buttons []struct {
			Reply struct {
				ID, Title string
			}
		}
		Sections []struct {
			Title string
			Rows  []struct{ ID, Title, Description string }
		}
	} `json:"action"`
}

// inspect checks a message against its schema and against the limits that the
// platform has and the schema does not express.
func (s *Server) inspect(out outgoing, value any) error {
	schema := schemaOf(out.Type)
	if schema == "" {
		return refuse(100, "Param type must be one of {AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, STICKER, TEMPLATE, TEXT, VIDEO} - got %q", out.Type)
	}
	if err := s.contract.Check(schema, value); err != nil {
		return refuse(100, "%v", err)
	}
	if out.To == "" && out.Recipient == "" {
		return refuse(100, "The parameter to is required.")
	}
	if out.To != "" && out.RecipientType != "group" && !regexp.MustCompile(`^\+?\d{7,15}$`).MatchString(out.To) {
		return refuse(100, "Param to is not a phone number")
	}
	if digits(out.To) == digits(s.cfg.DisplayNumber) && out.To != "" {
		return refuse(131021, "Sender and recipient phone number is the same")
	}
	var err error
	switch out.Type {
	case "audio":
		if out.Audio != nil && (out.Audio.Caption != "" || out.Audio.Filename != "") {
			err = errors.New("audio has neither caption nor filename")
		}
	case "sticker":
		if out.Sticker != nil && out.Sticker.Caption != "" {
			err = errors.New("a sticker has no caption")
		}
	case "image", "video":
		if (out.Image != nil && out.Image.Filename != "") || (out.Video != nil && out.Video.Filename != "") {
			err = errors.New("only documents have a filename")
		}
	case "interactive":
		err = out.Interactive.inspect()
	case "template":
		err = s.inspectComponents(value)
	}
	if err != nil {
		return refuse(131009, "%v", err)
	}
	return nil
}

// inspect checks the limits of interactive messages.
func (i interactive) inspect() error {
	if strings.TrimSpace(i.Body.Text) == "" && i.Type != "product" {
		return errors.New("interactive.body.text is required")
	}
	switch i.Type {
	case "button":
		seen := map[string]bool{}
		for _, b := range i.Action.Buttons {
			if strings.TrimSpace(b.Reply.Title) == "" || b.Reply.ID == "" || strings.TrimSpace(b.Reply.ID) != b.Reply.ID {
				return errors.New("a reply button needs an id without outer spaces and a title")
			}
			if seen["i"+b.Reply.ID] || seen["t"+b.Reply.Title] {
				return errors.New("ids and titles of reply buttons are unique")
			}
			seen["i"+b.Reply.ID], seen["t"+b.Reply.Title] = true, true
		}
		if len(i.Action.Buttons) == 0 {
			return errors.New("between 1 and 3 buttons are required")
		}
	case "list":
		rows, seen := 0, map[string]bool{}
		if strings.TrimSpace(i.Action.Button) == "" {
			return errors.New("a list needs a button")
		}
		for _, section := range i.Action.Sections {
			if len(i.Action.Sections) > 1 && section.Title == "" {
				return errors.New("sections need titles when there are several")
			}
			for _, row := range section.Rows {
				rows++
				if row.ID == "" || row.Title == "" || seen[row.ID] {
					return errors.New("rows have unique ids and a title")
				}
				seen[row.ID] = true
			}
		}
		if rows < 1 || rows > 10 {
			return fmt.Errorf("a list has 1 to 10 rows, not %d", rows)
		}
	case "location_request_message", "request_contact_info":
		want := map[string]string{"location_request_message": "send_location", "request_contact_info": "request_contact_info"}[i.Type]
		if i.Action.Name != want {
			return fmt.Errorf("action.name must be %s", want)
		}
	}
	return nil
}

// inspectComponents checks a template's components one by one: the schema of
// the whole leaves their parameters open.
func (s *Server) inspectComponents(value any) error {
	tpl, _ := value.(m)["template"].(m)
	components, _ := tpl["components"].([]any)
	for i, c := range components {
		component, ok := c.(m)
		if !ok {
			return fmt.Errorf("component %d is not an object", i)
		}
		kind, _ := component["type"].(string)
		schema := map[string]string{"header": "HeaderComponent", "body": "BodyComponent", "button": "ButtonComponent"}[strings.ToLower(kind)]
		if err := s.contract.Check(schema, c); err != nil {
			return fmt.Errorf("component %d: %w", i, err)
		}
		params, _ := component["parameters"].([]any)
		for j, p := range params {
			param, _ := p.(m)
			name, _ := param["type"].(string)
			schema := map[string]string{
				"text": "TextParameter", "currency": "CurrencyParameter", "date_time": "DateTimeParameter", "image": "ImageParameter",
				"video": "VideoParameter", "document": "DocumentParameter", "payload": "ButtonPayloadParameter",
			}[name]
			if kind == "button" && name == "text" {
				schema = "ButtonTextParameter"
			}
			if schema == "" {
				continue // coupon codes and flow actions have no schema
			}
			if err := s.contract.Check(schema, p); err != nil {
				return fmt.Errorf("component %d parameter %d: %w", i, j, err)
			}
			if text, ok := param["text"].(string); ok && strings.ContainsAny(text, "\n\t") {
				return fmt.Errorf("component %d parameter %d: param text cannot have new-line/tab characters", i, j)
			}
		}
	}
	return nil
}

// shown is the text that the customer reads.
func (o outgoing) shown() string {
	for _, media := range []*struct {
		ID, Link, Caption, Filename string
		Voice                       bool
	}{o.Image, o.Video, o.Document} {
		if media != nil {
			return media.Caption
		}
	}
	switch o.Type {
	case "text":
		return o.Text.Body
	case "interactive":
		return o.Interactive.Body.Text
	case "reaction":
		return o.Reaction.Emoji
	case "location":
		return o.Location.Name
	}
	return ""
}
