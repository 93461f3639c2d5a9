using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Sessions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "confirmations",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    person_id = table.Column<string>(type: "text", nullable: false),
                    words = table.Column<string>(type: "text", nullable: false),
                    link = table.Column<string>(type: "text", nullable: true),
                    ground = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_confirmations", x => new { x.rollout_id, x.subject, x.person_id });
                });

            migrationBuilder.CreateTable(
                name: "diagnostics",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    by = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    answers = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_diagnostics", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "field_comments",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    field = table.Column<string>(type: "text", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    author = table.Column<string>(type: "text", nullable: false),
                    mentions = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    settled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    settled_by = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_field_comments", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "routing_drills",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    row = table.Column<string>(type: "text", nullable: false),
                    scenario = table.Column<string>(type: "text", nullable: false),
                    expected = table.Column<string>(type: "text", nullable: false),
                    started_by = table.Column<string>(type: "text", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    acknowledged_by = table.Column<string>(type: "text", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_routing_drills", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "toolkit_exports",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    what = table.Column<string>(type: "text", nullable: false),
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    bytes = table.Column<int>(type: "integer", nullable: false),
                    by = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sheets_sequence = table.Column<long>(type: "bigint", nullable: false),
                    matrix_version = table.Column<int>(type: "integer", nullable: false),
                    log_sequence = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_toolkit_exports", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "toolkit_shared",
                columns: table => new
                {
                    export_id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_toolkit_shared", x => x.export_id);
                });

            migrationBuilder.CreateTable(
                name: "workshop_sessions",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    rollout_id = table.Column<string>(type: "text", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false),
                    facilitator = table.Column<string>(type: "text", nullable: false),
                    opened_by = table.Column<string>(type: "text", nullable: false),
                    opened_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    board = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_workshop_sessions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_diagnostics_at",
                table: "diagnostics",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_field_comments_rollout",
                table: "field_comments",
                columns: new[] { "rollout_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_routing_drills_rollout",
                table: "routing_drills",
                columns: new[] { "rollout_id", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_exports_rollout",
                table: "toolkit_exports",
                columns: new[] { "rollout_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_exports_sha256",
                table: "toolkit_exports",
                column: "sha256");

            migrationBuilder.CreateIndex(
                name: "ix_toolkit_shared_until",
                table: "toolkit_shared",
                column: "until");

            migrationBuilder.CreateIndex(
                name: "ix_workshop_sessions_rollout",
                table: "workshop_sessions",
                columns: new[] { "rollout_id", "opened_at" });

            migrationBuilder.CreateIndex(
                name: "ux_workshop_sessions_code",
                table: "workshop_sessions",
                column: "code",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "confirmations");

            migrationBuilder.DropTable(
                name: "diagnostics");

            migrationBuilder.DropTable(
                name: "field_comments");

            migrationBuilder.DropTable(
                name: "routing_drills");

            migrationBuilder.DropTable(
                name: "toolkit_exports");

            migrationBuilder.DropTable(
                name: "toolkit_shared");

            migrationBuilder.DropTable(
                name: "workshop_sessions");
        }
    }
}
