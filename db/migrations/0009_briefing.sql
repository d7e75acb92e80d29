CREATE TABLE "briefing_receipt" (
	"occasion_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"ref_id" bigint NOT NULL,
	"officer_id" integer NOT NULL,
	"unit_id" integer,
	"patrol_point_id" integer,
	"precinct_id" integer,
	"station_id" integer,
	"rank" smallint NOT NULL,
	"score" real NOT NULL,
	"shown_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "briefing_receipt_occasion_id_kind_ref_id_pk" PRIMARY KEY("occasion_id","kind","ref_id")
);
--> statement-breakpoint
CREATE TABLE "feedback" (
	"id" uuid PRIMARY KEY NOT NULL,
	"officer_id" integer NOT NULL,
	"unit_id" integer,
	"occasion_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"ref_id" bigint NOT NULL,
	"answer" text NOT NULL,
	"text" text,
	"patrol_point_id" integer,
	"precinct_id" integer,
	"station_id" integer,
	"given_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notice" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "notice_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"precinct_id" integer,
	"station_id" integer,
	"patrol_point_id" integer,
	"campaign_id" integer,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"priority" smallint DEFAULT 2 NOT NULL,
	"audience" text DEFAULT 'everyone' NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone,
	"created_by" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_by" integer,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "push_subscription" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "push_subscription_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"session_id" integer NOT NULL,
	"officer_id" integer NOT NULL,
	"endpoint" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"auth_secret" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"failures" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "push_subscription_endpoint_unique" UNIQUE("endpoint")
);
--> statement-breakpoint
CREATE TABLE "contact" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"beat_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"sealed" "bytea" NOT NULL,
	"key_version" smallint NOT NULL,
	"register_key" "bytea" NOT NULL,
	"synthetic" boolean DEFAULT false NOT NULL,
	"last_visited_on" date,
	"import_batch_id" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone,
	CONSTRAINT "contact_registerKey_unique" UNIQUE("register_key")
);
--> statement-breakpoint
CREATE TABLE "visit" (
	"id" uuid PRIMARY KEY NOT NULL,
	"contact_id" uuid NOT NULL,
	"officer_id" integer NOT NULL,
	"beat_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"outcome" text,
	"received_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "briefing" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP TABLE "briefing" CASCADE;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_officer_id_officer_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_patrol_point_id_patrol_point_id_fk" FOREIGN KEY ("patrol_point_id") REFERENCES "public"."patrol_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_created_by_officer_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_ended_by_officer_id_fk" FOREIGN KEY ("ended_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_subscription" ADD CONSTRAINT "push_subscription_session_id_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact" ADD CONSTRAINT "contact_beat_id_organisation_id_fk" FOREIGN KEY ("beat_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact" ADD CONSTRAINT "contact_import_batch_id_import_batch_id_fk" FOREIGN KEY ("import_batch_id") REFERENCES "public"."import_batch"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit" ADD CONSTRAINT "visit_contact_id_contact_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contact"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit" ADD CONSTRAINT "visit_officer_id_officer_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "briefing_receipt_kind_ref_id_shown_at_index" ON "briefing_receipt" USING btree ("kind","ref_id","shown_at");--> statement-breakpoint
CREATE INDEX "briefing_receipt_officer_id_shown_at_index" ON "briefing_receipt" USING btree ("officer_id","shown_at");--> statement-breakpoint
CREATE INDEX "feedback_kind_ref_id_given_at_index" ON "feedback" USING btree ("kind","ref_id","given_at");--> statement-breakpoint
CREATE INDEX "feedback_precinct_id_received_at_index" ON "feedback" USING btree ("precinct_id","received_at");--> statement-breakpoint
CREATE INDEX "feedback_patrol_point_id_given_at_index" ON "feedback" USING btree ("patrol_point_id","given_at");--> statement-breakpoint
CREATE INDEX "feedback_received_at_index" ON "feedback" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "notice_ended_at_valid_to_index" ON "notice" USING btree ("ended_at","valid_to");--> statement-breakpoint
CREATE INDEX "notice_precinct_id_id_index" ON "notice" USING btree ("precinct_id","id");--> statement-breakpoint
CREATE INDEX "push_subscription_officer_id_index" ON "push_subscription" USING btree ("officer_id");--> statement-breakpoint
CREATE INDEX "contact_beat_id_index" ON "contact" USING btree ("beat_id");--> statement-breakpoint
CREATE INDEX "visit_contact_id_started_at_index" ON "visit" USING btree ("contact_id","started_at");--> statement-breakpoint
CREATE INDEX "visit_officer_id_started_at_index" ON "visit" USING btree ("officer_id","started_at");--> statement-breakpoint
CREATE INDEX "incident_h3_r_9_occurred_at_index" ON "incident" USING btree ("h3_r_9","occurred_at");