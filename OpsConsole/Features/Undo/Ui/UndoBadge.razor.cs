using Microsoft.AspNetCore.Components;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>How many undo steps need the reader, live, in the navigation.</summary>
public sealed partial class UndoBadge
{
    private static readonly string[] Topics = [UndoNeeds.Topic, "state"];
    private int _count;

    [Inject] private UndoNeeds Needs { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    private string Tip => _count == 1 ? "1 undo step needs somebody" : $"{_count} undo steps need somebody";

    protected override Task OnInitializedAsync() => CountAsync();

    private async Task CountAsync()
    {
        try
        {
            _count = await Person.GetAsync() is { } me ? await Needs.MineAsync(me, null, CancellationToken.None) : 0;
        }
        catch (System.Data.Common.DbException)
        {
            _count = 0;   // the banner and the page say so; a number that may be wrong is worse than none
        }
    }
}
