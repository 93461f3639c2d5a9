using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ScaleMemos : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "scale_memos",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<int>(type: "INTEGER", nullable: false),
                    drafted_at = table.Column<long>(type: "INTEGER", nullable: false),
                    drafted_by = table.Column<string>(type: "TEXT", nullable: false),
                    texts = table.Column<string>(type: "TEXT", nullable: false),
                    evidence = table.Column<string>(type: "TEXT", nullable: true),
                    sha256 = table.Column<byte[]>(type: "BLOB", nullable: true),
                    first_week = table.Column<DateOnly>(type: "TEXT", nullable: true),
                    last_week = table.Column<DateOnly>(type: "TEXT", nullable: true),
                    lacks = table.Column<string>(type: "TEXT", nullable: true),
                    late = table.Column<string>(type: "TEXT", nullable: false),
                    submitted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    submitted_by = table.Column<string>(type: "TEXT", nullable: true),
                    signed = table.Column<string>(type: "TEXT", nullable: true),
                    ended = table.Column<string>(type: "TEXT", nullable: true),
                    version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_scale_memos", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_scale_memos_rollout",
                table: "scale_memos",
                columns: new[] { "rollout_id", "drafted_at" });

            migrationBuilder.CreateIndex(
                name: "ix_scale_memos_waiting",
                table: "scale_memos",
                column: "state",
                filter: "state = 1");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "scale_memos");
        }
    }
}
