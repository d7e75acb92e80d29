CREATE TABLE "wall_scene" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "wall_scene_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"organisation_id" integer NOT NULL,
	"scene" jsonb NOT NULL,
	"saved_by" integer NOT NULL,
	"saved_at" timestamp with time zone NOT NULL,
	CONSTRAINT "wall_scene_organisationId_name_unique" UNIQUE("organisation_id","name")
);
--> statement-breakpoint
ALTER TABLE "wall_scene" ADD CONSTRAINT "wall_scene_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wall_scene" ADD CONSTRAINT "wall_scene_saved_by_officer_id_fk" FOREIGN KEY ("saved_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;