using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>A line of the preview with what somebody chose about it.</summary>
public sealed class ImportRow
{
    public ImportRow(ImportLine line, ImportRow? before = null)
    {
        Line = line;
        (Effect, Consequence) = (Proposed.Effect, Proposed.Consequence);
        Chosen = line.Standing is ImportStanding.New or ImportStanding.Changed;
        if (before is null || !CanList) return;
        (Chosen, TakeTheirs) = (before.Chosen, before.TakeTheirs && line.Kept.Count > 0);
        if (IsOpen) (Effect, Consequence) = (before.Effect, before.Consequence);
    }

    public ImportLine Line { get; }
    public bool Chosen { get; set; }
    public Effect Effect { get; set; }
    public Consequence Consequence { get; set; }
    /// <summary>What people judged otherwise is given up for what the document says.</summary>
    public bool TakeTheirs { get; private set; }

    public bool CanList => Line.Standing != ImportStanding.Clash;
    /// <summary>Whether effect and consequence are chosen here; those of a listed action are kept.</summary>
    public bool IsOpen => CanList && (Line.Ours is null || TakeTheirs);

    public void Take(bool theirs)
    {
        TakeTheirs = theirs;
        (Effect, Consequence) = (Proposed.Effect, Proposed.Consequence);
        Chosen = theirs || Line.Standing == ImportStanding.Changed;
    }

    public ImportPick Pick() => new(IsOpen ? Proposed with { Effect = Effect, Consequence = Consequence } : Proposed, Line.Ours);

    private CatalogueAction Proposed => Line.Merged(TakeTheirs);
}
