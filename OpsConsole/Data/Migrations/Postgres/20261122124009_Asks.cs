using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Asks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "claimed_at",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "claimed_by",
                table: "approvals",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "claimed_until",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "clock_from",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "remind_at",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "reminded_at",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "turn",
                table: "approvals",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "turn_since",
                table: "approvals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "approval_questions",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    approval_seq = table.Column<long>(type: "bigint", nullable: false),
                    to = table.Column<int>(type: "integer", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    asked_by = table.Column<string>(type: "text", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    answer = table.Column<string>(type: "text", nullable: true),
                    answered_by = table.Column<string>(type: "text", nullable: true),
                    answered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_approval_questions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_approvals_claimed",
                table: "approvals",
                columns: new[] { "claimed_until", "seq" },
                filter: "claimed_until IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_approvals_remind",
                table: "approvals",
                columns: new[] { "remind_at", "seq" },
                filter: "status = 0 AND remind_at IS NOT NULL AND claimed_until IS NULL AND turn = 0");

            migrationBuilder.CreateIndex(
                name: "ix_approval_questions_approval",
                table: "approval_questions",
                columns: new[] { "approval_seq", "asked_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "approval_questions");

            migrationBuilder.DropIndex(
                name: "ix_approvals_claimed",
                table: "approvals");

            migrationBuilder.DropIndex(
                name: "ix_approvals_remind",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "claimed_at",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "claimed_by",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "claimed_until",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "clock_from",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "remind_at",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "reminded_at",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "turn",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "turn_since",
                table: "approvals");
        }
    }
}
