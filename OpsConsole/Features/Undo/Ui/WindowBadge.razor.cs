using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Execution;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>How much waits for the reader to confirm it, live, in the navigation.</summary>
public sealed partial class WindowBadge
{
    private static readonly string[] Topics = [ReversibleWindow.RequiredTopic, "state"];
    private int _count;

    [Inject] private WindowDesk Desk { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    private string Tip => _count == 1 ? "1 action waits for you to confirm it" : $"{_count} actions wait for you to confirm them";

    protected override Task OnInitializedAsync() => CountAsync();

    private async Task CountAsync()
    {
        try
        {
            _count = await Person.GetAsync() is { } me ? await Desk.MineAsync(me, null, CancellationToken.None) : 0;
        }
        catch (System.Data.Common.DbException)
        {
            _count = 0;   // the banner and the page say so; a number that may be wrong is worse than none
        }
    }
}
