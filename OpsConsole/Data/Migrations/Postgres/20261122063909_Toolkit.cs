using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Toolkit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "toolkit_exports");

            migrationBuilder.DropTable(
                name: "toolkit_shared");
        }
    }
}
