using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Asks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "claimed_at",
                table: "approvals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "claimed_by",
                table: "approvals",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "claimed_until",
                table: "approvals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "clock_from",
                table: "approvals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "remind_at",
                table: "approvals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "reminded_at",
                table: "approvals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "turn",
                table: "approvals",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "turn_since",
                table: "approvals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "approval_questions",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    approval_seq = table.Column<long>(type: "INTEGER", nullable: false),
                    to = table.Column<int>(type: "INTEGER", nullable: false),
                    text = table.Column<string>(type: "TEXT", nullable: false),
                    asked_by = table.Column<string>(type: "TEXT", nullable: false),
                    asked_at = table.Column<long>(type: "INTEGER", nullable: false),
                    answer = table.Column<string>(type: "TEXT", nullable: true),
                    answered_by = table.Column<string>(type: "TEXT", nullable: true),
                    answered_at = table.Column<long>(type: "INTEGER", nullable: true)
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
