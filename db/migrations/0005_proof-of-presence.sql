ALTER TABLE "check_in" ADD COLUMN "uploaded_by" integer;--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "read_counter" integer;--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "time_trusted" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "awaits_track" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "judged_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "tag" ADD COLUMN "secure" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tag" ADD COLUMN "keys_taken_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tag" ADD COLUMN "activated_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "check_in_tag_counter" ON "check_in" USING btree ("tag_id","read_counter") WHERE "check_in"."read_counter" is not null;--> statement-breakpoint
CREATE INDEX "check_in_device" ON "check_in" USING btree ("device_id","checked_in_at") WHERE "check_in"."device_id" is not null;--> statement-breakpoint
CREATE INDEX "check_in_awaits_track" ON "check_in" USING btree ("received_at") WHERE "check_in"."awaits_track";--> statement-breakpoint
CREATE INDEX "device_officer_id_index" ON "device" USING btree ("officer_id");--> statement-breakpoint
ALTER TABLE "tag" ADD CONSTRAINT "tag_uid_normal" CHECK ("tag"."uid" ~ '^([0-9A-F]{2}){4,10}$');