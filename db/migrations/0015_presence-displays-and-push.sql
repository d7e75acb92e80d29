ALTER TABLE "alert_notice" ADD COLUMN "pushed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "wall_display" ADD COLUMN "tag_id" integer;--> statement-breakpoint
ALTER TABLE "wall_display" ADD CONSTRAINT "wall_display_tag_id_tag_id_fk" FOREIGN KEY ("tag_id") REFERENCES "public"."tag"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_notice_to_push" ON "alert_notice" USING btree ("at") WHERE "alert_notice"."pushed_at" is null;--> statement-breakpoint
CREATE INDEX "briefing_receipt_shown_at_index" ON "briefing_receipt" USING btree ("shown_at");