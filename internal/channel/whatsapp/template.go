package whatsapp

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// Keys of a template's variables: "body.1", "header.1" or by name
// "body.name"; "header.image" (video, document) is a media id or an address;
// "button.0" is the rest of a link, "button.0.copy_code" a code to copy.
const (
	keyHeader = "header"
	keyBody   = "body"
	keyButton = "button"
	keyCode   = "copy_code"
)

// template composes a message from a template. Its file, if the template has
// one in the header, may come as the message's attachment.
func (a *adapter) template(ctx context.Context, o channel.Outgoing) (string, any, error) {
	t := o.Content.Template
	if t.Name == "" || t.Language == "" {
		return "", nil, refused(channel.ReasonTemplate, "a template needs a name and a language")
	}
	var components []object
	if len(o.Content.Attachments) == 1 {
		header, err := a.header(ctx, channel.Outgoing{Content: channel.Content{Attachments: o.Content.Attachments}, Open: o.Open})
		if err != nil {
			return "", nil, err
		}
		components = append(components, object{"type": keyHeader, "parameters": []object{header}})
	}
	params, err := parameters(t.Variables)
	if err != nil {
		return "", nil, err
	}
	components = append(components, params...)
	out := object{"name": t.Name, "language": object{"code": t.Language}}
	if components != nil {
		out["components"] = components
	}
	return "template", out, nil
}

// parameters sorts the variables into the platform's components.
func parameters(vars map[string]string) ([]object, error) {
	keys := make([]string, 0, len(vars))
	for k := range vars {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, byPosition)
	var header, body []object
	var buttons []object
	for _, key := range keys {
		// Line ends, tabs and runs of spaces are refused by the platform.
		value := strings.Join(strings.Fields(vars[key]), " ")
		if value == "" {
			return nil, refused(channel.ReasonTemplate, "variable "+key+" is empty")
		}
		where, name, _ := strings.Cut(key, ".")
		switch {
		case where == keyBody && name != "":
			body = append(body, textParameter(name, value))
		case where == keyHeader && slices.Contains([]string{"image", "video", "document"}, name):
			header = append(header, object{"type": name, name: reference(value)})
		case where == keyHeader && name != "":
			header = append(header, textParameter(name, value))
		case where == keyButton && name != "":
			buttons = append(buttons, buttonParameter(name, value))
		default:
			return nil, refused(channel.ReasonTemplate, "unknown variable "+key)
		}
	}
	var out []object
	if header != nil {
		out = append(out, object{"type": keyHeader, "parameters": header})
	}
	if body != nil {
		out = append(out, object{"type": keyBody, "parameters": body})
	}
	return append(out, buttons...), nil
}

// byPosition orders "body.2" before "body.10".
func byPosition(a, b string) int {
	whereA, nameA, _ := strings.Cut(a, ".")
	whereB, nameB, _ := strings.Cut(b, ".")
	if whereA == whereB {
		x, errX := strconv.Atoi(nameA)
		y, errY := strconv.Atoi(nameB)
		if errX == nil && errY == nil {
			return x - y
		}
	}
	return strings.Compare(a, b)
}

func textParameter(name, value string) object {
	p := object{"type": "text", "text": value}
	if _, err := strconv.Atoi(name); err != nil {
		p["parameter_name"] = name
	}
	return p
}

func buttonParameter(name, value string) object {
	index, kind, _ := strings.Cut(name, ".")
	if kind == keyCode {
		return object{"type": keyButton, "sub_type": keyCode, "index": index, "parameters": []object{{"type": "coupon_code", "coupon_code": value}}}
	}
	return object{"type": keyButton, "sub_type": "url", "index": index, "parameters": []object{{"type": "text", "text": value}}}
}

// reference is a file of the platform or an address that it fetches.
func reference(value string) object {
	if strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://") {
		return object{"link": value}
	}
	return object{"id": value}
}

// templates is a page of the account's templates.
type templates struct {
	Data []struct {
		Name       string              `json:"name"`
		Language   string              `json:"language"`
		Category   string              `json:"category"`
		Status     string              `json:"status"`
		Components []templateComponent `json:"components"`
	} `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"`
	} `json:"paging"`
}

type templateComponent struct {
	Type    string `json:"type"`
	Format  string `json:"format"`
	Text    string `json:"text"`
	Example struct {
		Header  []string   `json:"header_text"`
		Handle  []string   `json:"header_handle"`
		Body    [][]string `json:"body_text"`
		Named   []named    `json:"body_text_named_params"`
		NamedUp []named    `json:"header_text_named_params"`
	} `json:"example"`
	Buttons []struct {
		Type    string   `json:"type"`
		Text    string   `json:"text"`
		URL     string   `json:"url"`
		Example []string `json:"example"`
	} `json:"buttons"`
}

type named struct {
	Name    string `json:"param_name"`
	Example string `json:"example"`
}

// Bounds of the listing: the platform allows an account 6,000 templates.
const (
	templatesPerPage = "200"
	maxTemplatePages = 50
)

// Templates implements channel.TemplateLister.
func (a *adapter) Templates(ctx context.Context) ([]channel.TemplateInfo, error) {
	var out []channel.TemplateInfo
	after := ""
	for range maxTemplatePages {
		query := url.Values{"limit": {templatesPerPage}, "fields": {"name,language,category,status,components"}}
		if after != "" {
			query.Set("after", after)
		}
		var page templates
		if err := a.graph(ctx, http.MethodGet, a.settings.wabaID+"/message_templates", query, nil, &page, "templates"); err != nil {
			return nil, err
		}
		for _, t := range page.Data {
			info := channel.TemplateInfo{Name: t.Name, Language: t.Language, Category: t.Category, Status: t.Status}
			for _, c := range t.Components {
				c.describe(&info)
			}
			out = append(out, info)
		}
		// The address of the next page holds the token: only its cursor is used.
		if page.Paging.Next == "" || page.Paging.Cursors.After == "" || page.Paging.Cursors.After == after {
			break
		}
		after = page.Paging.Cursors.After
	}
	return out, nil
}

// blank is a variable within a template's text: {{1}} or {{name}}.
func blank() *regexp.Regexp { return regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`) }

// describe adds a component to the description of its template.
func (c templateComponent) describe(info *channel.TemplateInfo) {
	switch strings.ToUpper(c.Type) {
	case "HEADER":
		info.Header = c.Text
		if format := strings.ToLower(c.Format); slices.Contains([]string{"image", "video", "document"}, format) {
			v := channel.TemplateVariable{Key: keyHeader + "." + format}
			if len(c.Example.Handle) > 0 {
				v.Example = c.Example.Handle[0]
			}
			info.Variables = append(info.Variables, v)
			return
		}
		c.blanks(info, keyHeader, c.Example.Header, c.Example.NamedUp)
	case "BODY":
		info.Body = c.Text
		var examples []string
		if len(c.Example.Body) > 0 {
			examples = c.Example.Body[0]
		}
		c.blanks(info, keyBody, examples, c.Example.Named)
	case "FOOTER":
		info.Footer = c.Text
	case "BUTTONS":
		c.buttons(info)
	}
}

// blanks lists the variables of a text, each once.
func (c templateComponent) blanks(info *channel.TemplateInfo, where string, examples []string, byName []named) {
	seen := map[string]bool{}
	for _, hit := range blank().FindAllStringSubmatch(c.Text, -1) {
		name := hit[1]
		if seen[name] {
			continue
		}
		seen[name] = true
		v := channel.TemplateVariable{Key: where + "." + name}
		if i, err := strconv.Atoi(name); err == nil && i >= 1 && i <= len(examples) {
			v.Example = examples[i-1]
		}
		for _, n := range byName {
			if n.Name == name {
				v.Example = n.Example
			}
		}
		info.Variables = append(info.Variables, v)
	}
}

func (c templateComponent) buttons(info *channel.TemplateInfo) {
	for i, b := range c.Buttons {
		key := keyButton + "." + strconv.Itoa(i)
		example := ""
		if len(b.Example) > 0 {
			example = b.Example[0]
		}
		out := channel.Button{Kind: channel.ButtonCallback, Text: b.Text}
		switch strings.ToUpper(b.Type) {
		case "URL":
			out.Kind, out.URL = channel.ButtonURL, b.URL
			if at := blank().FindStringIndex(b.URL); at != nil {
				info.Variables = append(info.Variables, channel.TemplateVariable{Key: key, Example: strings.TrimPrefix(example, b.URL[:at[0]])})
			}
		case "COPY_CODE":
			info.Variables = append(info.Variables, channel.TemplateVariable{Key: key + "." + keyCode, Example: example})
		}
		info.Buttons = append(info.Buttons, out)
	}
}
