using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Data.Configurations;

internal sealed class PatchConfiguration : IEntityTypeConfiguration<Patch>
{
    public void Configure(EntityTypeBuilder<Patch> builder)
    {
        builder.ToTable("worksheet_patches").HasKey(p => p.Seq);
        builder.Property(p => p.Seq).ValueGeneratedOnAdd();
        builder.Property(p => p.Field).HasConversion(f => f.ToString(), s => FieldKey.Parse(s)!.Value);
        builder.Property(p => p.Id).IsRequired();
        builder.Property(p => p.Over).AsJson();
        builder.HasIndex(p => new { p.RolloutId, p.Id }).IsUnique().HasDatabaseName("ux_worksheet_patches_id");
        builder.HasIndex(p => new { p.RolloutId, p.Seq }).HasFilter("NOT replaced").HasDatabaseName("ix_worksheet_patches_standing");
        builder.HasIndex(p => new { p.RolloutId, p.Field, p.Seq }).HasDatabaseName("ix_worksheet_patches_field");
    }
}
