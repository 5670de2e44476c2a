package whatsapp

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Template is a message template of the account in the Graph API's form.
type Template struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Language string `json:"language"`
	Category string `json:"category"`
	// Status is APPROVED, PENDING, REJECTED, PAUSED or DISABLED.
	Status string `json:"status"`
	// ParameterFormat is POSITIONAL ({{1}}) or NAMED ({{name}}).
	ParameterFormat string              `json:"parameter_format,omitempty"`
	Components      []TemplateComponent `json:"components"`
}

// TemplateComponent is a header, body, footer or the buttons of a template.
type TemplateComponent struct {
	Type    string           `json:"type"`
	Format  string           `json:"format,omitempty"`
	Text    string           `json:"text,omitempty"`
	Example any              `json:"example,omitempty"`
	Buttons []TemplateButton `json:"buttons,omitempty"`
}

// TemplateButton is a button of a template.
type TemplateButton struct {
	Type    string   `json:"type"`
	Text    string   `json:"text"`
	URL     string   `json:"url,omitempty"`
	Phone   string   `json:"phone_number,omitempty"`
	Example []string `json:"example,omitempty"`
}

// sentTemplate is a template as a message names it.
type sentTemplate struct {
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Components []struct {
		Type    string      `json:"type"`
		SubType string      `json:"sub_type"`
		Index   json.Number `json:"index"`
		Params  []struct {
			Type string `json:"type"`
			Name string `json:"parameter_name"`
			Text string `json:"text"`
		} `json:"parameters"`
	} `json:"components"`
}

// exampleTemplates are the templates of a fresh account.
func exampleTemplates() []*Template {
	return []*Template{
		{
			ID: "1192339204654487", Name: "hello_world", Language: "en_US", Category: "UTILITY", Status: "APPROVED",
			Components: []TemplateComponent{
				{Type: "HEADER", Format: "TEXT", Text: "Hello World"},
				{Type: "BODY", Text: "Welcome and congratulations!!"},
				{Type: "FOOTER", Text: "WhatsApp Business Platform sample message"},
			},
		},
		{
			ID: "1192339204654488", Name: "order_update", Language: "ru", Category: "UTILITY", Status: "APPROVED", ParameterFormat: "POSITIONAL",
			Components: []TemplateComponent{
				{Type: "HEADER", Format: "TEXT", Text: "Заказ {{1}}", Example: m{"header_text": []string{"№ 123"}}},
				{Type: "BODY", Text: "Здравствуйте, {{1}}! Ваш заказ {{2}} готов.", Example: m{"body_text": [][]string{{"Ирина", "№ 123"}}}},
				{Type: "FOOTER", Text: "Магазин «Окно»"},
				{Type: "BUTTONS", Buttons: []TemplateButton{
					{Type: "URL", Text: "Открыть заказ", URL: "https://shop.example/orders/{{1}}", Example: []string{"https://shop.example/orders/123"}},
					{Type: "QUICK_REPLY", Text: "Спасибо"},
				}},
			},
		},
		{
			ID: "1192339204654489", Name: "appointment", Language: "ru", Category: "UTILITY", Status: "APPROVED", ParameterFormat: "NAMED",
			Components: []TemplateComponent{
				{Type: "BODY", Text: "{{name}}, ждём вас {{date}}.", Example: m{"body_text_named_params": []m{
					{"param_name": "name", "example": "Ирина"}, {"param_name": "date", "example": "2 декабря"},
				}}},
			},
		},
		{
			ID: "1192339204654490", Name: "sale", Language: "ru", Category: "MARKETING", Status: "APPROVED", ParameterFormat: "POSITIONAL",
			Components: []TemplateComponent{
				{Type: "HEADER", Format: "IMAGE", Example: m{"header_handle": []string{"https://scontent.whatsapp.net/sale.jpg"}}},
				{Type: "BODY", Text: "Скидка {{1}} до воскресенья.", Example: m{"body_text": [][]string{{"25 %"}}}},
				{Type: "BUTTONS", Buttons: []TemplateButton{{Type: "COPY_CODE", Text: "Скопировать", Example: []string{"FALL25"}}}},
			},
		},
		{
			ID: "1192339204654491", Name: "paused_offer", Language: "ru", Category: "MARKETING", Status: "PAUSED",
			Components: []TemplateComponent{{Type: "BODY", Text: "Предложение"}},
		},
	}
}

// AddTemplate adds a template or replaces the one of this name and language.
func (s *Server) AddTemplate(t Template) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.ID == "" {
		s.seq++
		t.ID = "22" + strconv.Itoa(1000000+s.seq)
	}
	s.templates = slices.DeleteFunc(s.templates, func(o *Template) bool { return o.Name == t.Name && o.Language == t.Language })
	s.templates = append(s.templates, &t)
}

// getTemplates answers GET /{WABA-ID}/message_templates, a page at a time.
func (s *Server) getTemplates(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	limit, start := 25, 0
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		limit = min(n, 1000)
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(q.Get("after"), "QVFI")); err == nil && n > 0 {
		start = n
	}
	s.mu.Lock()
	var all []*Template
	for _, t := range s.templates {
		if (q.Get("name") == "" || t.Name == q.Get("name")) && (q.Get("status") == "" || t.Status == q.Get("status")) {
			all = append(all, t)
		}
	}
	start = min(start, len(all))
	end := min(start+limit, len(all))
	page := make([]Template, 0, end-start)
	for _, t := range all[start:end] {
		page = append(page, *t)
	}
	s.mu.Unlock()
	paging := m{"cursors": m{"before": "QVFI" + strconv.Itoa(start), "after": "QVFI" + strconv.Itoa(end)}}
	if end < len(all) {
		// The platform puts the token into this address; a good client does
		// not follow it but passes the cursor.
		paging["next"] = s.URL() + "/v23.0/" + s.cfg.WABA + "/message_templates?limit=" + strconv.Itoa(limit) + "&after=QVFI" + strconv.Itoa(end)
	}
	s.writeJSON(w, http.StatusOK, "TemplateList", m{"data": page, "paging": paging})
	return nil
}

// postTemplate answers POST /{WABA-ID}/message_templates.
func (s *Server) postTemplate(w http.ResponseWriter, r *http.Request) error {
	var raw json.RawMessage
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&raw); err != nil {
		return refuse(100, "body is not JSON")
	}
	if err := s.contract.CheckJSON("TemplateNew", raw); err != nil {
		s.Violate("templates: %v", err)
		return refuse(100, "%v", err)
	}
	var t Template
	if err := json.Unmarshal(raw, &t); err != nil {
		return refuse(100, "%v", err)
	}
	if !regexp.MustCompile(`^[a-z0-9_]{1,512}$`).MatchString(t.Name) || t.Language == "" || t.Category == "" {
		return refuse(100, "name, language and category are required")
	}
	t.Status = "PENDING"
	s.AddTemplate(t)
	s.mu.Lock()
	made := *s.templates[len(s.templates)-1]
	s.mu.Unlock()
	s.writeJSON(w, http.StatusOK, "TemplateMade", m{"id": made.ID, "status": made.Status, "category": made.Category})
	return nil
}

// deleteTemplate answers DELETE /{WABA-ID}/message_templates?name=.
func (s *Server) deleteTemplate(w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Query().Get("name")
	s.mu.Lock()
	before := len(s.templates)
	s.templates = slices.DeleteFunc(s.templates, func(t *Template) bool { return t.Name == name })
	gone := before != len(s.templates)
	s.mu.Unlock()
	if !gone {
		return refuse(100, "Message template %q was not found", name)
	}
	s.writeJSON(w, http.StatusOK, "SuccessResponse", m{"success": true})
	return nil
}

// TemplateStatus changes a template's state and reports it to the webhook.
func (s *Server) TemplateStatus(name, language, event, reason string) error {
	s.mu.Lock()
	t := s.template(name, language)
	value := m{"event": event, "message_template_name": name, "message_template_language": language, "reason": reason}
	if t != nil {
		t.Status = event
		id, _ := strconv.ParseInt(t.ID, 10, 64)
		value["message_template_id"] = id
	}
	s.mu.Unlock()
	if t == nil {
		return refuse(132001, "template name (%s) does not exist in %s", name, language)
	}
	return s.emit("account", "message_template_status_update", value)
}

func (s *Server) template(name, language string) *Template {
	for _, t := range s.templates {
		if t.Name == name && t.Language == language {
			return t
		}
	}
	return nil
}

// blanks lists the variables of a text, in order and without repeats.
func blanks(text string) []string {
	var out []string
	for _, hit := range regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, hit[1]) {
			out = append(out, hit[1])
		}
	}
	return out
}

// checkTemplate says whether a template may be sent with these parameters.
func (s *Server) checkTemplate(sent sentTemplate) *graphError {
	t := s.template(sent.Name, sent.Language.Code)
	switch {
	case t == nil:
		return refuse(132001, "template name (%s) does not exist in %s", sent.Name, sent.Language.Code)
	case t.Status == "PAUSED":
		return refuse(132015, "template %s is paused due to low quality", sent.Name)
	case t.Status == "DISABLED":
		return refuse(132016, "template %s is disabled", sent.Name)
	case t.Status != "APPROVED":
		return refuse(132001, "template name (%s) is not approved in %s", sent.Name, sent.Language.Code)
	}
	for _, c := range t.Components {
		if e := t.checkComponent(c, sent); e != nil {
			return e
		}
	}
	return nil
}

func (t *Template) checkComponent(c TemplateComponent, sent sentTemplate) *graphError {
	kind := strings.ToLower(c.Type)
	if kind == "buttons" {
		return t.checkButtons(c, sent)
	}
	var given []struct{ Type, Name string }
	for _, g := range sent.Components {
		if strings.EqualFold(g.Type, kind) {
			for _, p := range g.Params {
				given = append(given, struct{ Type, Name string }{p.Type, p.Name})
			}
		}
	}
	if kind == "header" && c.Format != "TEXT" {
		if len(given) != 1 || !strings.EqualFold(given[0].Type, c.Format) {
			return refuse(132012, "header: Format mismatch, expected %s, received %v", c.Format, given)
		}
		return nil
	}
	want := blanks(c.Text)
	if len(want) != len(given) {
		return refuse(132000, "%s: number of localizable_params (%d) does not match the expected number of params (%d)", kind, len(given), len(want))
	}
	if t.ParameterFormat == "NAMED" {
		for _, g := range given {
			if !slices.Contains(want, g.Name) {
				return refuse(132012, "%s: Parameter name is missing or empty: %q", kind, g.Name)
			}
		}
	}
	return nil
}

func (t *Template) checkButtons(c TemplateComponent, sent sentTemplate) *graphError {
	for i, b := range c.Buttons {
		needs := map[string]string{"COPY_CODE": "coupon_code"}[b.Type]
		if b.Type == "URL" && len(blanks(b.URL)) > 0 {
			needs = "text"
		}
		found := false
		for _, g := range sent.Components {
			if strings.EqualFold(g.Type, "button") && g.Index.String() == strconv.Itoa(i) && len(g.Params) == 1 {
				found = true
				if needs != "" && g.Params[0].Type != needs {
					return refuse(132012, "buttons: Button at index %d of type %s requires a %s parameter", i, b.Type, needs)
				}
			}
		}
		if needs != "" && !found {
			return refuse(132012, "buttons: Button at index %d of type %s requires a parameter", i, b.Type)
		}
	}
	return nil
}

// rendered is the text of a template with its blanks filled in.
func (s *Server) rendered(sent sentTemplate) string {
	t := s.template(sent.Name, sent.Language.Code)
	if t == nil {
		return ""
	}
	text := ""
	for _, c := range t.Components {
		if c.Type == "BODY" {
			text = c.Text
		}
	}
	for _, c := range sent.Components {
		if !strings.EqualFold(c.Type, "body") {
			continue
		}
		for i, p := range c.Params {
			name := p.Name
			if name == "" {
				name = strconv.Itoa(i + 1)
			}
			text = strings.ReplaceAll(text, "{{"+name+"}}", p.Text)
		}
	}
	return text
}

// button finds a button of a sent message and says how its press comes back.
func (msg *Message) button(id string) (kind, title string) {
	var out outgoing
	if err := json.Unmarshal(msg.Body, &out); err != nil {
		return "", ""
	}
	if out.Type == "template" {
		return "quick_reply", id
	}
	for _, b := range out.Interactive.Action.Buttons {
		if b.Reply.ID == id {
			return "button_reply", b.Reply.Title
		}
	}
	for _, section := range out.Interactive.Action.Sections {
		for _, row := range section.Rows {
			if row.ID == id {
				return "list_reply", row.Title
			}
		}
	}
	return "", ""
}
