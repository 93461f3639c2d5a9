using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Lessons : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "lessons",
                table: "incident_actions",
                type: "text",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AlterColumn<string>(
                name: "approval_id",
                table: "eval_cases",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AddColumn<string>(
                name: "expected",
                table: "eval_cases",
                type: "text",
                nullable: false,
                defaultValue: "Deny");

            migrationBuilder.AddColumn<string>(
                name: "incident_id",
                table: "eval_cases",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "lessons",
                table: "incident_actions");

            migrationBuilder.DropColumn(
                name: "expected",
                table: "eval_cases");

            migrationBuilder.DropColumn(
                name: "incident_id",
                table: "eval_cases");

            migrationBuilder.AlterColumn<string>(
                name: "approval_id",
                table: "eval_cases",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);
        }
    }
}
