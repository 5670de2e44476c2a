// Generated from the program's OpenAPI document by "make api-types". Do not edit.

export interface components {
    schemas: {
        AcceptRequestBody: {
            name: string;
            password: string;
        };
        ActivityRequestBody: {
            /** @enum {string} */
            activity: "viewing" | "left" | "typing" | "recording" | "note";
            channel_id?: string;
        };
        AuditEntry: {
            action: string;
            /** Format: date-time */
            at: string;
            detail: {
                [key: string]: unknown;
            };
            id: string;
            ip?: string;
            target_id?: string;
            target_name?: string;
            target_type?: string;
            user_id?: string;
            user_name: string;
        };
        Author: {
            id?: string;
            name: string;
            /** @enum {string} */
            type: "user" | "contact" | "system" | "device";
        };
        BeginRequest: {
            contact_id: string;
            inbox_id: string;
        };
        BulkAnswer: {
            done: string[];
            failed: components["schemas"]["BulkError"][];
        };
        BulkError: {
            code: string;
            id: string;
        };
        BulkRequest: {
            ids: string[] | null;
            patch: components["schemas"]["ConversationPatch"];
        };
        Button: {
            kind: string;
            payload?: string;
            text: string;
            url?: string;
        };
        ButtonLimit: {
            kinds: ("callback" | "url" | "request_phone" | "request_location")[];
            /** Format: int64 */
            max: number;
            /**
             * Format: int64
             * @description How long the text of a message with buttons may be; absent: as long as without.
             */
            message?: number;
            /** Format: int64 */
            payload: number;
            /** Format: int64 */
            text: number;
        };
        CannedReply: {
            file_ids: string[];
            files: components["schemas"]["File"][];
            id: string;
            inbox_id?: string;
            shortcut: string;
            text: string;
            title: string;
        };
        CannedRequest: {
            file_ids?: string[] | null;
            inbox_id?: string;
            shortcut: string;
            text: string;
            title: string;
        };
        Capabilities: {
            /** Format: int64 */
            album: number;
            album_kinds: ("image" | "video" | "audio" | "voice" | "document" | "sticker" | "animation")[];
            attachments: {
                [key: string]: components["schemas"]["FileLimit"];
            };
            buttons: components["schemas"]["ButtonLimit"];
            /** Format: int64 */
            caption: number;
            contact: boolean;
            delete: boolean;
            /** Format: int64 */
            delete_within?: number;
            delivered: boolean;
            edit: boolean;
            /**
             * Format: int64
             * @description Seconds; absent: any age.
             */
            edit_within?: number;
            location: boolean;
            mark_read: boolean;
            marks: ("bold" | "italic" | "underline" | "strike" | "code" | "pre" | "quote" | "link" | "spoiler" | "mention")[];
            react: boolean;
            reactions?: string[] | null;
            read: boolean;
            reply: boolean;
            start_first: boolean;
            template: boolean;
            /** Format: int64 */
            text: number;
            typing: boolean;
            /**
             * Format: int64
             * @description Seconds after the customer's last message in which free text is allowed.
             */
            window?: number;
        };
        Card: {
            emails?: string[] | null;
            name?: string;
            own?: boolean;
            phones?: string[] | null;
            vcard?: string;
        };
        Channel: {
            capabilities: components["schemas"]["Capabilities"];
            /** Format: date-time */
            created_at: string;
            /** @description The line for a website. */
            embed?: string;
            enabled: boolean;
            health: components["schemas"]["Health"];
            id: string;
            inbox_id: string;
            kind: string;
            name: string;
            /** @description Names of the secrets that have a value; values are never shown. */
            secrets_set: string[];
            /** @description For those who manage channels. */
            settings: {
                [key: string]: string;
            };
            webhook_url?: string;
        };
        ChannelKind: {
            fields: components["schemas"]["Field"][];
            kind: string;
        };
        ChannelRequest: {
            enabled?: boolean;
            inbox_id?: string;
            kind?: string;
            name?: string;
            /** @description By field name; absent ones stay, an empty one goes back to the default. */
            settings?: {
                [key: string]: string;
            };
        };
        Consent: {
            channel_id?: string;
            /** Format: date-time */
            given_at: string;
            /** @description The page it was given on. */
            page?: string;
            purpose: string;
            /** @description The kind of channel. */
            source: string;
            /** @description What was agreed to. */
            text?: string;
            /** @description Equal texts have equal versions. */
            version?: string;
        };
        Contact: {
            avatar_url?: string;
            blocked: boolean;
            /** Format: int64 */
            color: number;
            company?: string;
            consents: components["schemas"]["Consent"][];
            /**
             * Format: int64
             * @description Those that the asker may see; absent: none, or not counted here.
             */
            conversations?: number;
            /** Format: date-time */
            created_at: string;
            fields: {
                [key: string]: unknown;
            };
            id: string;
            identities: components["schemas"]["Identity"][];
            /** Format: date-time */
            last_seen_at?: string;
            locale?: string;
            merged_into?: string;
            name: string;
            source?: string;
            tag_ids: string[];
        };
        ContactBrief: {
            avatar_url?: string;
            blocked?: boolean;
            /** Format: int64 */
            color: number;
            company?: string;
            id: string;
            name: string;
        };
        ContactField: {
            id: string;
            key: string;
            label: string;
            options: string[];
            /** Format: int64 */
            position: number;
            /** @enum {string} */
            type: "text" | "number" | "date" | "bool" | "choice" | "url";
        };
        ContactFile: {
            /** Format: date-time */
            at: string;
            conversation_id: string;
            download_url?: string;
            /**
             * Format: double
             * @description Seconds.
             */
            duration?: number;
            emoji?: string;
            /** Format: int64 */
            height?: number;
            id: string;
            item_id: string;
            /** @enum {string} */
            kind: "image" | "video" | "audio" | "voice" | "document" | "sticker" | "animation";
            mime: string;
            name: string;
            /** @description The waveform, 0 to 255. */
            peaks?: number[] | null;
            reason?: string;
            /** Format: int64 */
            size: number;
            /** @enum {string} */
            state: "pending" | "ready" | "failed" | "expired";
            thumb_url?: string;
            transcript?: string;
            url?: string;
            /** Format: int64 */
            width?: number;
        };
        ContactNote: {
            author_id: string;
            /** Format: date-time */
            created_at: string;
            id: string;
            text: string;
        };
        ContactNoteRequestBody: {
            text: string;
        };
        ContactPatchBody: {
            blocked?: boolean;
            company?: string;
            /** @description Merged by key; null removes one. */
            fields?: {
                [key: string]: unknown;
            };
            name?: string;
        };
        Content: {
            buttons?: (components["schemas"]["Button"][] | null)[] | null;
            contacts?: components["schemas"]["Card"][] | null;
            forwarded?: string;
            location?: components["schemas"]["Location"];
            /** @description Formatting; offsets in UTF-16 code units. */
            marks?: components["schemas"]["Mark"][] | null;
            /** @description The button of ours that was pressed. */
            pressed?: components["schemas"]["Button"];
            template?: components["schemas"]["Template"];
            text?: string;
            /** @description The platform's type that cannot be shown. */
            unsupported?: string;
        };
        Conversation: {
            assignee_id?: string;
            /** @description Of the customer's last message. */
            channel_id?: string;
            channel_kinds: string[];
            contact: components["schemas"]["ContactBrief"];
            /** Format: date-time */
            created_at: string;
            /** @description How your draft begins. */
            draft_text?: string;
            first_unread_id?: string;
            group: boolean;
            has_draft: boolean;
            id: string;
            inbox_id: string;
            /** Format: date-time */
            last_at: string;
            mentioned: boolean;
            preview: components["schemas"]["Preview"];
            /** Format: date-time */
            resolved_at?: string;
            /** Format: date-time */
            snoozed_until?: string;
            /** @enum {string} */
            status: "open" | "pending" | "snoozed" | "resolved";
            /** @description The contact's. */
            tag_ids: string[];
            team_id?: string;
            title?: string;
            /**
             * Format: int64
             * @description What nobody answered and you have not seen; at most 100.
             */
            unread: number;
            /** Format: date-time */
            waiting_since?: string;
        };
        ConversationPatch: {
            /** @description Null takes it from whoever has it. */
            assignee_id?: string | null;
            inbox_id?: string;
            mentions?: string[] | null;
            /** @description Handed over with the conversation. */
            note?: string;
            /** Format: date-time */
            snoozed_until?: string;
            status?: string;
            team_id?: string | null;
        };
        Counts: {
            /** Format: int64 */
            all: number;
            by_view: {
                [key: string]: number;
            };
            /** Format: int64 */
            mentions: number;
            /** Format: int64 */
            mine: number;
            /** Format: int64 */
            unassigned: number;
            /** Format: int64 */
            unread: number;
        };
        Delivery: {
            /** Format: int64 */
            attempts: number;
            /** Format: date-time */
            created_at: string;
            error?: string;
            event_id?: string;
            event_type: string;
            id: string;
            /** Format: date-time */
            next_at?: string;
            request: string;
            response?: string;
            /** @enum {string} */
            state: "pending" | "delivered" | "failed";
            /**
             * Format: int64
             * @description Of the last answer.
             */
            status?: number;
            /** Format: int64 */
            took_ms?: number;
        };
        Draft: {
            channel_id?: string;
            file_ids?: string[] | null;
            note?: boolean;
            reply_to?: string;
            text: string;
            /** Format: date-time */
            updated_at?: string;
        };
        EditRequestBody: {
            content: components["schemas"]["Content"];
        };
        Edition: {
            /** Format: date-time */
            at: string;
            content: components["schemas"]["Content"];
        };
        Field: {
            advanced: boolean;
            default?: string;
            name: string;
            options?: string[] | null;
            required: boolean;
            secret: boolean;
            /** @enum {string} */
            type: "text" | "url" | "choice" | "bool" | "pem" | "list";
        };
        FieldRequest: {
            /** @description Only when it is made; it stays. */
            key?: string;
            label: string;
            options?: string[] | null;
            /** Format: int64 */
            position?: number;
            /** @description Only when it is made; it stays. */
            type?: string;
        };
        File: {
            download_url?: string;
            /**
             * Format: double
             * @description Seconds.
             */
            duration?: number;
            emoji?: string;
            /** Format: int64 */
            height?: number;
            id: string;
            /** @enum {string} */
            kind: "image" | "video" | "audio" | "voice" | "document" | "sticker" | "animation";
            mime: string;
            name: string;
            /** @description The waveform, 0 to 255. */
            peaks?: number[] | null;
            reason?: string;
            /** Format: int64 */
            size: number;
            /** @enum {string} */
            state: "pending" | "ready" | "failed" | "expired";
            thumb_url?: string;
            transcript?: string;
            url?: string;
            /** Format: int64 */
            width?: number;
        };
        FileLimit: {
            /**
             * Format: int64
             * @description 0: no limit known.
             */
            max_bytes: number;
            mime?: string[] | null;
        };
        Filter: {
            assignee_id?: string;
            channel_kind?: string;
            inbox_id?: string;
            /** @enum {string} */
            scope?: "mine" | "unassigned" | "all" | "mentions";
            /** @enum {string} */
            sort?: "recent" | "waiting";
            /** @enum {string} */
            status?: "active" | "any" | "open" | "pending" | "snoozed" | "resolved";
            tag_id?: string;
            team_id?: string;
            unread?: boolean;
            waiting?: boolean;
        };
        Health: {
            account?: string;
            /** Format: date-time */
            checked_at?: string;
            /** @description The platform's own words. */
            detail?: string;
            facts?: {
                [key: string]: string;
            };
            /** Format: date-time */
            last_inbound_at?: string;
            /** Format: int64 */
            pending?: number;
            reason?: string;
            /** Format: date-time */
            since: string;
            /** @enum {string} */
            state: "working" | "degraded" | "failing" | "unknown" | "disabled";
        };
        Holiday: {
            date: string;
            from?: string;
            name?: string;
            to?: string;
        };
        Hours: {
            always: boolean;
            holidays: components["schemas"]["Holiday"][];
            timezone: string;
            week: components["schemas"]["Span"][];
        };
        Identity: {
            /** Format: date-time */
            created_at: string;
            display: string;
            id: string;
            /** @description phone, email or a kind of channel */
            kind: string;
            value: string;
            /** @description A platform vouches for it. */
            verified: boolean;
        };
        ImportAnswer: {
            /** Format: int64 */
            created: number;
            errors: components["schemas"]["ImportError"][];
            invites: components["schemas"]["ImportedOne"][];
        };
        ImportError: {
            code: string;
            /** Format: int64 */
            line: number;
        };
        ImportedOne: {
            email: string;
            invite: components["schemas"]["Invite"];
        };
        InboundFailure: {
            channel_id: string;
            error: string;
            id: string;
            raw: string;
            /** Format: date-time */
            received_at: string;
            /** @enum {string} */
            state: "failed" | "unsupported";
        };
        Inbox: {
            /** @description Put away: what was said in it stays, nothing new begins there. */
            archived?: boolean;
            away_message: string;
            /** Format: int64 */
            channels: number;
            color: string;
            greeting: string;
            hours: components["schemas"]["Hours"];
            id: string;
            name: string;
            /**
             * Format: int64
             * @description Conversations to be worked on.
             */
            open: number;
            open_now: boolean;
            /** Format: int64 */
            reopen_hours: number;
            routing: components["schemas"]["Routing"];
            /** @description Empty: everybody's. */
            team_ids: string[];
        };
        InboxRequest: {
            away_message?: string;
            color?: string;
            greeting?: string;
            hours?: components["schemas"]["Hours"];
            name?: string;
            /** Format: int64 */
            reopen_hours?: number;
            routing?: components["schemas"]["Routing"];
            team_ids?: string[];
        };
        Invite: {
            /** Format: date-time */
            expires_at: string;
            url: string;
        };
        InviteState: {
            email: string;
            name: string;
            workspace_name: string;
        };
        Item: {
            album?: string;
            /** Format: date-time */
            at: string;
            author: components["schemas"]["Author"];
            channel_id?: string;
            chat_id?: string;
            client_id?: string;
            contact_id: string;
            content: components["schemas"]["Content"];
            conversation_id: string;
            /** Format: date-time */
            deleted_at?: string;
            /** @enum {string} */
            deleted_by?: "contact" | "user";
            detail?: string;
            /** @enum {string} */
            direction: "in" | "out" | "";
            /** Format: date-time */
            edited_at?: string;
            event?: components["schemas"]["ItemEvent"];
            files: components["schemas"]["File"][];
            id: string;
            /** @enum {string} */
            kind: "message" | "note" | "event" | "call" | "voicemail";
            mentions?: string[] | null;
            /** @description Where it stands on the timeline, among ids; absent: at its own. What was sent later than it was written stands where it was sent. */
            place?: string;
            reactions: components["schemas"]["Reaction"][];
            reason?: string;
            reply_to?: components["schemas"]["ReplyTo"];
            /** Format: date-time */
            retry_at?: string;
            /** Format: date-time */
            scheduled_at?: string;
            /** @enum {string} */
            state?: "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "uncertain" | "cancelled";
        };
        ItemEvent: {
            data: {
                [key: string]: string;
            };
            type: string;
            user_id?: string;
        };
        Link: {
            url: string;
        };
        ListAuditEntry: {
            items: components["schemas"]["AuditEntry"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListCannedReply: {
            items: components["schemas"]["CannedReply"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListChannel: {
            items: components["schemas"]["Channel"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListChannelKind: {
            items: components["schemas"]["ChannelKind"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListContact: {
            items: components["schemas"]["Contact"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListContactField: {
            items: components["schemas"]["ContactField"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListContactFile: {
            items: components["schemas"]["ContactFile"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListContactNote: {
            items: components["schemas"]["ContactNote"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListConversation: {
            items: components["schemas"]["Conversation"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListDelivery: {
            items: components["schemas"]["Delivery"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListEdition: {
            items: components["schemas"]["Edition"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListInboundFailure: {
            items: components["schemas"]["InboundFailure"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListInbox: {
            items: components["schemas"]["Inbox"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListMerge: {
            items: components["schemas"]["Merge"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListNotification: {
            items: components["schemas"]["Notification"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListPermissionInfo: {
            items: components["schemas"]["PermissionInfo"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListRole: {
            items: components["schemas"]["Role"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListSearchHit: {
            items: components["schemas"]["SearchHit"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListSession: {
            items: components["schemas"]["Session"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListSuggestion: {
            items: components["schemas"]["Suggestion"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListTag: {
            items: components["schemas"]["Tag"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListTarget: {
            items: components["schemas"]["Target"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListTeam: {
            items: components["schemas"]["Team"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListTemplateInfo: {
            items: components["schemas"]["TemplateInfo"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListToken: {
            items: components["schemas"]["Token"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListUser: {
            items: components["schemas"]["User"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListView: {
            items: components["schemas"]["View"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        ListWebhook: {
            items: components["schemas"]["Webhook"][];
            /** @description Pass as cursor to get the next page; absent on the last. */
            next?: string;
        };
        Location: {
            address?: string;
            /** Format: double */
            latitude: number;
            live?: boolean;
            /** Format: double */
            longitude: number;
            title?: string;
        };
        LoginRequest: {
            email: string;
            password: string;
        };
        Mark: {
            /** Format: int64 */
            length: number;
            /** Format: int64 */
            offset: number;
            type: string;
            url?: string;
        };
        Me: {
            /** @description The newest event: follow the events from here. */
            event_id: string;
            permissions: string[];
            settings: components["schemas"]["Settings"];
            user: components["schemas"]["User"];
            vapid_key?: string;
            version: string;
            workspace: components["schemas"]["Workspace"];
        };
        Merge: {
            /** Format: date-time */
            at: string;
            /** @description Absent: a certain match. */
            by_user_id?: string;
            id: string;
            loser_id: string;
            loser_name: string;
            reason: string;
            /** Format: date-time */
            undone_at?: string;
            winner_id: string;
        };
        MergeRequestBody: {
            /** @description The one that becomes part of this one. */
            contact_id: string;
        };
        MessageRequestBody: {
            /** @description Absent: where the customer wrote last. */
            channel_id?: string;
            chat_id?: string;
            /** @description Your own id of the message: the same one again is the same message. */
            client_id?: string;
            content: components["schemas"]["Content"];
            file_ids?: string[] | null;
            reply_to?: string;
            /** Format: date-time */
            send_at?: string;
        };
        NewContactRequest: {
            company?: string;
            fields?: {
                [key: string]: unknown;
            };
            identities?: components["schemas"]["NewIdentity"][] | null;
            name?: string;
        };
        NewIdentity: {
            /** @enum {string} */
            kind: "phone" | "email";
            value: string;
        };
        NewUserAnswer: {
            invite?: components["schemas"]["Invite"];
            user: components["schemas"]["User"];
        };
        NewUserRequest: {
            /** Format: int64 */
            capacity?: number;
            email: string;
            locale?: string;
            name: string;
            role_id: string;
            team_ids?: string[] | null;
        };
        NoteRequestBody: {
            client_id?: string;
            file_ids?: string[] | null;
            mentions?: string[] | null;
            text: string;
        };
        Notification: {
            /** Format: date-time */
            at: string;
            by_user_id?: string;
            conversation_id?: string;
            id: string;
            item_id?: string;
            /** @enum {string} */
            kind: "mention" | "assigned" | "channel_failing" | "webhook_paused";
            /** Format: date-time */
            read_at?: string;
            text: string;
        };
        PasswordRequest: {
            current: string;
            password: string;
        };
        PermissionInfo: {
            group: string;
            key: string;
        };
        PresenceRequest: {
            presence: string;
        };
        Preview: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            attachment?: "image" | "video" | "audio" | "voice" | "document" | "sticker" | "animation";
            author_id?: string;
            /** @enum {string} */
            direction: "in" | "out" | "";
            /**
             * Format: double
             * @description Seconds.
             */
            duration?: number;
            /** @enum {string} */
            kind: "message" | "note" | "event" | "call" | "voicemail" | "none";
            /** @enum {string} */
            state?: "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "uncertain" | "cancelled";
            text: string;
        };
        Problem: {
            /**
             * @description Stable; scripts may rely on it.
             * @example conversation.not_found
             */
            code: string;
            detail?: string;
            /** @description The request's field at fault. */
            field?: string;
            /** @description Values for the error's text. */
            params?: {
                [key: string]: unknown;
            };
            /**
             * Format: double
             * @description Seconds to wait before trying again.
             */
            retry_after?: number;
            /**
             * Format: int64
             * @example 404
             */
            status: number;
            /** @example Not Found */
            title: string;
            /** @example about:blank */
            type: string;
        };
        ProfileRequest: {
            /** @description A picture uploaded before; empty removes it. */
            avatar_file_id?: string;
            locale?: string;
            name?: string;
        };
        PushGone: {
            endpoint: string;
        };
        PushKey: {
            key: string;
        };
        PushRequest: {
            endpoint: string;
            keys: components["schemas"]["PushRequestKeysStruct"];
        };
        PushRequestKeysStruct: {
            auth: string;
            p256dh: string;
        };
        Reaction: {
            /** @enum {string} */
            by: "contact" | "user";
            emoji: string;
            user_id?: string;
        };
        ReactionRequestBody: {
            /** @description Empty takes the reaction back. */
            emoji: string;
        };
        ReadNotifications: {
            /** @description Absent: all. */
            ids?: string[];
        };
        ReadRequestBody: {
            item_id: string;
        };
        ReplyTo: {
            author?: string;
            item_id?: string;
            /** @enum {string} */
            kind?: "image" | "video" | "audio" | "voice" | "document" | "sticker" | "animation";
            text: string;
        };
        Role: {
            id: string;
            /** @enum {string} */
            key?: "agent" | "supervisor" | "admin";
            name: string;
            permissions: string[];
            /** Format: int64 */
            users: number;
        };
        RoleRequest: {
            name?: string;
            permissions?: string[];
        };
        Rotated: {
            secret: string;
        };
        Routing: {
            /** Format: int64 */
            capacity: number;
            /** @enum {string} */
            mode: "manual" | "round_robin" | "least_busy";
            only_online: boolean;
        };
        SearchHit: {
            /** Format: date-time */
            at: string;
            contact: components["schemas"]["ContactBrief"];
            conversation?: components["schemas"]["Conversation"];
            item?: components["schemas"]["Item"];
            /** @enum {string} */
            kind: "message" | "note" | "file" | "contact";
            snippet: components["schemas"]["SnippetPart"][];
        };
        Session: {
            /** Format: date-time */
            created_at: string;
            current: boolean;
            id: string;
            ip: string;
            /** Format: date-time */
            last_seen_at: string;
            user_agent: string;
        };
        Settings: {
            desktop: boolean;
            push: boolean;
            /** @enum {string} */
            send_by: "enter" | "ctrl_enter";
            sound: boolean;
            /** @enum {string} */
            theme: "system" | "light" | "dark";
        };
        SettingsRequest: {
            desktop?: boolean;
            push?: boolean;
            send_by?: string;
            sound?: boolean;
            theme?: string;
        };
        SettleRequestBody: {
            /** @enum {string} */
            as: "sent" | "failed";
        };
        SetupRequest: {
            country?: string;
            email: string;
            locale?: string;
            name: string;
            password: string;
            timezone?: string;
            workspace_name: string;
        };
        SetupState: {
            needed: boolean;
        };
        Slice: {
            has_after: boolean;
            has_before: boolean;
            items: components["schemas"]["Item"][];
        };
        SnippetPart: {
            hit: boolean;
            text: string;
        };
        Span: {
            /** Format: int64 */
            day: number;
            from: string;
            to: string;
        };
        Suggestion: {
            contact: components["schemas"]["ContactBrief"];
            detail: string;
            id: string;
            /** @enum {string} */
            reason: "same_phone" | "same_email" | "similar_name" | "by_hand";
            /** Format: int64 */
            score: number;
        };
        Tag: {
            color: string;
            id: string;
            name: string;
        };
        TagRequest: {
            color?: string;
            name: string;
        };
        TagsRequestBody: {
            tag_ids: string[];
        };
        Target: {
            available: boolean;
            capabilities: components["schemas"]["Capabilities"];
            channel_id: string;
            chat_id?: string;
            default: boolean;
            kind: string;
            /** Format: date-time */
            last_at?: string;
            name: string;
            reason?: string;
            template_only: boolean;
            to: string;
            /** Format: date-time */
            window_until?: string;
        };
        Team: {
            id: string;
            name: string;
            user_ids: string[];
        };
        TeamRequest: {
            name?: string;
            user_ids?: string[];
        };
        Template: {
            body?: string;
            language: string;
            name: string;
            variables?: {
                [key: string]: string;
            };
        };
        TemplateInfo: {
            body: string;
            buttons: components["schemas"]["Button"][];
            category: string;
            footer?: string;
            header?: string;
            language: string;
            name: string;
            status: string;
            variables: components["schemas"]["TemplateVariable"][];
        };
        TemplateVariable: {
            example: string;
            key: string;
        };
        Token: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at?: string;
            id: string;
            /** Format: date-time */
            last_used_at?: string;
            name: string;
            prefix: string;
            /** @description Only in the answer to its creation. */
            secret?: string;
        };
        TokenRequest: {
            /** Format: date-time */
            expires_at?: string;
            name: string;
        };
        User: {
            avatar_url?: string;
            /**
             * Format: int64
             * @description Open conversations handed out at most; 0: the inbox's limit.
             */
            capacity: number;
            disabled: boolean;
            email: string;
            id: string;
            /** @description The invitation has not been accepted yet. */
            invited?: boolean;
            /** Format: date-time */
            last_seen_at?: string;
            /** @enum {string} */
            locale: "ru" | "en";
            name: string;
            /** @enum {string} */
            presence: "online" | "away" | "offline";
            role_id: string;
            /** @enum {string} */
            role_key?: "agent" | "supervisor" | "admin";
            role_name: string;
            team_ids: string[];
        };
        UserPatchRequestBody: {
            /** Format: int64 */
            capacity?: number;
            disabled?: boolean;
            name?: string;
            role_id?: string;
            team_ids?: string[];
        };
        View: {
            filter: components["schemas"]["Filter"];
            id: string;
            name: string;
            owner_id: string;
            /** Format: int64 */
            position: number;
            shared: boolean;
        };
        ViewRequest: {
            filter: components["schemas"]["Filter"];
            name: string;
            /** Format: int64 */
            position?: number;
            shared?: boolean;
        };
        Viewer: {
            /** @enum {string} */
            activity: "viewing" | "typing";
            user_id: string;
        };
        Viewers: {
            viewers: components["schemas"]["Viewer"][];
        };
        Webhook: {
            /** Format: date-time */
            created_at: string;
            enabled: boolean;
            /** @description Empty: all. */
            events: string[];
            /** Format: date-time */
            failing_since?: string;
            id: string;
            /** Format: date-time */
            paused_at?: string;
            paused_reason?: string;
            /** @description Only in the answer to its creation. */
            secret?: string;
            url: string;
        };
        WebhookRequest: {
            enabled?: boolean;
            events?: string[];
            url?: string;
        };
        Workspace: {
            base_url: string;
            /** @example RU */
            country: string;
            demo: boolean;
            id: string;
            /** @enum {string} */
            locale: "ru" | "en";
            name: string;
            /** @example Europe/Moscow */
            timezone: string;
        };
        WorkspacePatch: {
            country?: string;
            locale?: string;
            name?: string;
            timezone?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
