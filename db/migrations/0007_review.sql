CREATE TABLE "make_up_request" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "make_up_request_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"patrol_window_id" bigint NOT NULL,
	"requested_by" integer NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"reason" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"decided_by" integer,
	"decided_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "check_in_photo" (
	"id" uuid PRIMARY KEY NOT NULL,
	"check_in_id" uuid NOT NULL,
	"officer_id" integer NOT NULL,
	"precinct_id" integer NOT NULL,
	"station_id" integer,
	"taken_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"width" smallint NOT NULL,
	"height" smallint NOT NULL,
	"sha256" "bytea" NOT NULL,
	"look_hash" bigint,
	"repeats_id" uuid,
	"picture" "bytea"
);
--> statement-breakpoint
CREATE TABLE "work_note" (
	"id" uuid PRIMARY KEY NOT NULL,
	"check_in_id" uuid NOT NULL,
	"officer_id" integer NOT NULL,
	"kind" text NOT NULL,
	"text" text,
	"noted_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "watch" jsonb;--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "review" text;--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "review_reason" text;--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "review_remark" text;--> statement-breakpoint
ALTER TABLE "patrol_point" ADD COLUMN "watch_minutes" smallint;--> statement-breakpoint
ALTER TABLE "make_up_request" ADD CONSTRAINT "make_up_request_patrol_window_id_patrol_window_id_fk" FOREIGN KEY ("patrol_window_id") REFERENCES "public"."patrol_window"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "make_up_request" ADD CONSTRAINT "make_up_request_requested_by_officer_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "make_up_request" ADD CONSTRAINT "make_up_request_decided_by_officer_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "check_in_photo" ADD CONSTRAINT "check_in_photo_check_in_id_check_in_id_fk" FOREIGN KEY ("check_in_id") REFERENCES "public"."check_in"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "work_note" ADD CONSTRAINT "work_note_check_in_id_check_in_id_fk" FOREIGN KEY ("check_in_id") REFERENCES "public"."check_in"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "make_up_request_patrol_window_id_index" ON "make_up_request" USING btree ("patrol_window_id");--> statement-breakpoint
CREATE UNIQUE INDEX "make_up_request_open" ON "make_up_request" USING btree ("patrol_window_id") WHERE "make_up_request"."state" = 'open';--> statement-breakpoint
CREATE INDEX "check_in_photo_check_in_id_index" ON "check_in_photo" USING btree ("check_in_id");--> statement-breakpoint
CREATE INDEX "check_in_photo_sha256_index" ON "check_in_photo" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "check_in_photo_station_id_received_at_index" ON "check_in_photo" USING btree ("station_id","received_at");--> statement-breakpoint
CREATE INDEX "check_in_photo_kept" ON "check_in_photo" USING btree ("received_at") WHERE "check_in_photo"."picture" is not null;--> statement-breakpoint
CREATE INDEX "check_in_photo_repeats" ON "check_in_photo" USING btree ("check_in_id") WHERE "check_in_photo"."repeats_id" is not null;--> statement-breakpoint
CREATE INDEX "work_note_check_in_id_index" ON "work_note" USING btree ("check_in_id");--> statement-breakpoint
CREATE INDEX "check_in_undecided" ON "check_in" USING btree ("received_at") WHERE "check_in"."reviewed_at" is null and "check_in"."verdict" <> 'accepted';--> statement-breakpoint
CREATE INDEX "check_in_watch" ON "check_in" USING btree ("received_at") WHERE "check_in"."watch" is not null;--> statement-breakpoint
UPDATE "patrol_point" SET "watch_minutes" = 5 WHERE "category" IN ('bank', '金融機構');
