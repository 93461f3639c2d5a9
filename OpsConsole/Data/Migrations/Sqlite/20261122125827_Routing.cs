using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Routing : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "rotate_approvers",
                table: "rollouts",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "time_zone",
                table: "people",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "work_days",
                table: "people",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<TimeOnly>(
                name: "work_from",
                table: "people",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<TimeOnly>(
                name: "work_until",
                table: "people",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "handed_on",
                table: "approvals",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "absences",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    person_id = table.Column<string>(type: "TEXT", nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: false),
                    delegate_id = table.Column<string>(type: "TEXT", nullable: true),
                    note = table.Column<string>(type: "TEXT", nullable: true),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_absences", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "last_approvers",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    rule_id = table.Column<string>(type: "TEXT", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    people = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_last_approvers", x => new { x.rollout_id, x.rule_id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_approvals_due_handed_on",
                table: "approvals",
                columns: new[] { "expires_at", "seq" },
                filter: "status = 0 AND handed_on");

            migrationBuilder.CreateIndex(
                name: "ix_absences_person",
                table: "absences",
                columns: new[] { "person_id", "from" });

            migrationBuilder.CreateIndex(
                name: "ix_absences_until",
                table: "absences",
                column: "until");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "absences");

            migrationBuilder.DropTable(
                name: "last_approvers");

            migrationBuilder.DropIndex(
                name: "ix_approvals_due_handed_on",
                table: "approvals");

            migrationBuilder.DropColumn(
                name: "rotate_approvers",
                table: "rollouts");

            migrationBuilder.DropColumn(
                name: "time_zone",
                table: "people");

            migrationBuilder.DropColumn(
                name: "work_days",
                table: "people");

            migrationBuilder.DropColumn(
                name: "work_from",
                table: "people");

            migrationBuilder.DropColumn(
                name: "work_until",
                table: "people");

            migrationBuilder.DropColumn(
                name: "handed_on",
                table: "approvals");
        }
    }
}
