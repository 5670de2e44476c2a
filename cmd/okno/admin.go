package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/app"
	"github.com/okno-hq/okno/internal/config"
)

type adminCmd struct {
	CreateUser  createUserCmd  `cmd:"" name:"create-user" help:"Add a person, and the workspace if there is none yet."`
	CreateToken createTokenCmd `cmd:"" name:"create-token" help:"Make an API token that acts as a person, and print it."`
}

type createUserCmd struct {
	config.Config `embed:""`
	Email         string `required:"" help:"Log-in."`
	Name          string `help:"Name; the address if empty."`
	Password      string `help:"Password; one is made and printed if empty."`
	Role          string `default:"admin" enum:"admin,supervisor,agent" help:"admin, supervisor or agent."`
	Workspace     string `default:"Okno" help:"Name of the workspace, if it is made."`
	Locale        string `default:"ru" enum:"ru,en" help:"Language: ru, en."`
}

// Run implements kong's command.
func (cmd *createUserCmd) Run(ctx context.Context, s streams) (err error) {
	a, err := open(ctx, &cmd.Config, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	made := cmd.Password == ""
	if made {
		cmd.Password = strings.ToLower(rand.Text()[:16])
	}
	if cmd.Name == "" {
		cmd.Name, _, _ = strings.Cut(cmd.Email, "@")
	}
	if err := a.CreateUser(ctx, app.NewUser{
		Email: cmd.Email, Name: cmd.Name, Password: cmd.Password, Role: cmd.Role, Workspace: cmd.Workspace, Locale: cmd.Locale,
	}); err != nil {
		return err
	}
	if made {
		_, err = fmt.Fprintln(s.out, cmd.Password)
	}
	return err
}

type createTokenCmd struct {
	config.Config `embed:""`
	Email         string        `required:"" help:"The person it acts as."`
	Name          string        `required:"" help:"What it is for."`
	Expires       time.Duration `help:"How long it is good, such as 720h; for ever if not given."`
}

// Run implements kong's command.
func (cmd *createTokenCmd) Run(ctx context.Context, s streams) (err error) {
	a, err := open(ctx, &cmd.Config, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	secret, err := a.CreateToken(ctx, cmd.Email, cmd.Name, cmd.Expires)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, secret)
	return err
}
