"""The routes of the board, of its wall screens and of teams."""

from screenpop.web.board.figures import board_figure_routes
from screenpop.web.board.pages import board_routes, wall_screen_routes
from screenpop.web.board.team_pages import team_routes

BOARD_ROUTES = (team_routes, board_routes, wall_screen_routes, board_figure_routes)
