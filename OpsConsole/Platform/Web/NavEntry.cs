namespace OpsConsole.Platform.Web;

/// <summary>A place in the left rail, contributed by a feature: <c>services.AddSingleton(new NavEntry(...))</c>.</summary>
/// <param name="Href">Local address, beginning with a slash.</param>
/// <param name="Icon">A name from <c>Ui/Shared/Icon.razor</c>.</param>
/// <param name="Order">Ascending; the first four also stand in the bottom bar of a phone.</param>
/// <param name="Policy">Shown only to those who satisfy this authorisation policy; null: to everybody signed in.</param>
/// <param name="Badge">A component that renders the live count of what needs the reader (class <c>count</c>), or nothing.</param>
/// <param name="Keys">The sequence that goes there, for example <c>g a</c>.</param>
/// <param name="ByRollout">The page at <paramref name="Href"/> takes <c>?rollout=</c>: it shows what belongs to the rollout picked in the top bar.</param>
public sealed record NavEntry(string Href, string Title, string Icon, int Order, string? Policy = null, Type? Badge = null, string? Keys = null, bool ByRollout = false);

/// <summary>A component that lives in the top bar, left of the theme switch; ordered ascending.</summary>
public sealed record TopBarWidget(Type Component, int Order);

/// <summary>A component under the reader's name in their own menu.</summary>
public sealed record MeWidget(Type Component);

/// <summary>A component above every page that renders a <c>.banner</c> when it has something to say, else nothing.</summary>
/// <param name="SignedOut">Stands also above the pages for people who are not signed in. Those are plain HTML: no handlers, nobody to ask who looks.</param>
public sealed record BannerWidget(Type Component, int Order, bool SignedOut = false);
