using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpsConsole.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Instrument : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "examples",
                table: "rollouts",
                type: "text",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<long>(
                name: "examples_version",
                table: "rollouts",
                type: "bigint",
                nullable: false,
                defaultValue: 1L);

            migrationBuilder.AddColumn<string>(
                name: "proposal",
                table: "rollouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "second_publisher",
                table: "rollouts",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "proposed_by",
                table: "matrix_versions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "template_id",
                table: "grants",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "template_version",
                table: "grants",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "tier_templates",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: false),
                    lines = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    changed_by = table.Column<string>(type: "text", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    archived_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tier_templates", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_tier_templates_name",
                table: "tier_templates",
                column: "name",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "tier_templates");

            migrationBuilder.DropColumn(
                name: "examples",
                table: "rollouts");

            migrationBuilder.DropColumn(
                name: "examples_version",
                table: "rollouts");

            migrationBuilder.DropColumn(
                name: "proposal",
                table: "rollouts");

            migrationBuilder.DropColumn(
                name: "second_publisher",
                table: "rollouts");

            migrationBuilder.DropColumn(
                name: "proposed_by",
                table: "matrix_versions");

            migrationBuilder.DropColumn(
                name: "template_id",
                table: "grants");

            migrationBuilder.DropColumn(
                name: "template_version",
                table: "grants");
        }
    }
}
