using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The keys of the matrix page; those of the grid itself are in <c>grid.js</c>.</summary>
internal static class MatrixKeys
{
    public static readonly PageKey[] OfReader =
    [
        new("p", "Publish the draft"), new("r", "Grid or plain language"), new("c", "Coverage of the register of actions"), new("t", "Try it"), new("a", "Analysis"), new("s", "Fold or unfold the side panel"),
        new("Alt+Enter", "In the grid: the row in full"),
    ];

    public static readonly PageKey[] OfEditor =
    [
        new("n", "Add a rule at the end"), .. OfReader[..^1], new("Type, Enter or F2", "In the grid: change the cell. Enter ends it and goes down, Tab goes right, Esc drops it"),
        new("Arrows, Home, End, Page", "In the grid: move"), new("Ctrl+Enter", "Add a row below"), new("Ctrl+D", "Duplicate the row"), new("Ctrl+Delete", "Remove the row (Ctrl+Z brings it back)"), new("Alt+↑ / Alt+↓", "Move the row"),
        new("Alt+Enter", "The row in full, with a builder for its conditions"), new("Ctrl+Z / Ctrl+Shift+Z", "Undo, redo"), new("Ctrl+V", "Paste a cell, or rows from a spreadsheet"), new("Ctrl+S", "Save now (it saves itself)"),
        new("Escape", "Leave the grid, so that the letters are heard"),
    ];
}
